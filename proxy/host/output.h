/* SPDX-License-Identifier: MIT */
/*
 * What a guest hears of the screens: sizes, scales and names of connectors. Maker, model and serial
 * number, which a compositor puts into an output's description too, tell one machine from all
 * others.
 */
#ifndef VX_PROXY_HOST_OUTPUT_H
#define VX_PROXY_HOST_OUTPUT_H

struct wire_interfaces;

void output_install(struct wire_interfaces *interfaces);

#endif
