/* SPDX-License-Identifier: MIT */
/*
 * Transactions: a change of the layout is sent to all clients that it concerns, and shown as one
 * frame when they have answered or 200 ms are over. While one is under way the next is collected.
 */
#ifndef SHELL_TRANSACTION_H
#define SHELL_TRANSACTION_H

#include <stdint.h>

struct server;
struct transactions;
struct view;

/* Owned by the caller. */
struct transactions *transactions_create(struct server *server);
/* Applies what is under way first. */
void transactions_destroy(struct transactions *transactions);

/* Takes all that is dirty in the tree into a transaction. */
void transactions_commit(struct transactions *transactions);
/* The same after a change that a client made: no client is asked, none is waited for. */
void transactions_commit_client(struct transactions *transactions);

/* A client has committed what it was asked for by `serial`. */
void transactions_view_ready(struct transactions *transactions, struct view *view, uint32_t serial);
/* Is this view's client yet to answer a later configure than `serial`? */
bool transactions_awaits_view(
	const struct transactions *transactions, const struct view *view, uint32_t serial);
/* The view is going away: nothing waits for it any longer. */
void transactions_view_gone(struct transactions *transactions, struct view *view);

#endif
