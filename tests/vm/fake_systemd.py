# SPDX-License-Identifier: MIT
"""The user's systemd on a session bus, as far as a program asks it for scopes; each call is a line of output."""

from gi.repository import Gio, GLib

INTERFACE = """<node><interface name="org.freedesktop.systemd1.Manager">
<method name="StartTransientUnit"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="a(sv)" direction="in"/><arg type="a(sa(sv))" direction="in"/><arg type="o" direction="out"/></method>
<method name="SetUnitProperties"><arg type="s" direction="in"/><arg type="b" direction="in"/>
<arg type="a(sv)" direction="in"/></method></interface></node>"""
units = set()


def handle(_connection, _sender, _path, _interface, method, parameters, invocation):
    values = parameters.unpack()
    unit = values[0]
    properties = dict(values[2])
    if method == "SetUnitProperties" and unit not in units:
        invocation.return_dbus_error("org.freedesktop.systemd1.NoSuchUnit", f"Unit {unit} not found.")
        return
    units.add(unit)
    print(method, unit, properties["CPUWeight"], properties["IOWeight"], *properties.get("PIDs", []), flush=True)
    invocation.return_value(GLib.Variant("(o)", ("/job/1",)) if method == "StartTransientUnit" else None)


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    [interface] = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces
    bus.register_object("/org/freedesktop/systemd1", interface, handle)
    Gio.bus_own_name_on_connection(bus, "org.freedesktop.systemd1", Gio.BusNameOwnerFlags.NONE,
                                   lambda *_: print("ready", flush=True), None)
    GLib.MainLoop().run()


main()
