/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "transaction"

#include "shell/transaction.h"

#include "common/log.h"
#include "common/memory.h"
#include "input/cursor.h"
#include "server.h"
#include "shell/frame.h"
#include "shell/show.h"
#include "shell/window.h"
#include "tree/tree.h"

static constexpr int timeout_ms = 200;

struct node_instruction {
	struct transaction *transaction;
	struct node *node; /* retained */
	union {
		struct container_state container;
		struct workspace_state workspace;
		struct tree_output_state output;
	};
	uint32_t serial;
	bool waiting;
	bool asks; /* the change is ours: the client is to follow */
};

struct transaction {
	LIST(struct node_instruction) instructions; /* owned */
	int waiting;                                /* instructions whose client hasn't answered */
};

struct transactions {
	struct server *server;
	struct transaction *current; /* sent to the clients; may be NULL */
	struct transaction *next;    /* collected meanwhile; may be NULL */
	struct wl_event_source *timer;
	bool applying;
};

static void finish_state(struct node_instruction *instruction)
{
	switch (instruction->node->type) {
	case NODE_CONTAINER:
		container_state_finish(&instruction->container);
		break;
	case NODE_WORKSPACE:
		workspace_state_finish(&instruction->workspace);
		break;
	case NODE_OUTPUT:
		tree_output_state_finish(&instruction->output);
		break;
	case NODE_ROOT:
		break;
	}
}

static void take_snapshot(struct node_instruction *instruction)
{
	switch (instruction->node->type) {
	case NODE_CONTAINER:
		container_snapshot(node_as_container(instruction->node), &instruction->container);
		break;
	case NODE_WORKSPACE:
		workspace_snapshot(node_as_workspace(instruction->node), &instruction->workspace);
		break;
	case NODE_OUTPUT:
		tree_output_snapshot(node_as_output(instruction->node), &instruction->output);
		break;
	case NODE_ROOT:
		break;
	}
}

static void apply_instruction(struct node_instruction *instruction)
{
	struct node *node = instruction->node;
	switch (node->type) {
	case NODE_CONTAINER: {
		struct container *con = node_as_container(node);
		struct frame *frame = frame_of(con);
		container_apply(con, &instruction->container);
		if (frame != nullptr) {
			frame_drop_saved(frame);
		}
		break;
	}
	case NODE_WORKSPACE:
		workspace_apply(node_as_workspace(node), &instruction->workspace);
		break;
	case NODE_OUTPUT:
		tree_output_apply(node_as_output(node), &instruction->output);
		break;
	case NODE_ROOT:
		break;
	}
}

static void transaction_destroy(struct transaction *transaction)
{
	for (int i = 0; i < transaction->instructions.length; i++) {
		struct node_instruction *instruction = transaction->instructions.items[i];
		struct node *node = instruction->node;
		finish_state(instruction);
		if (node->instruction == instruction) {
			node->instruction = nullptr;
		}
		free(instruction);
		node_release(node);
	}
	list_finish(&transaction->instructions);
	free(transaction);
}

static void start_next(struct transactions *transactions);

static void apply_current(struct transactions *transactions)
{
	struct transaction *transaction = transactions->current;
	wl_event_source_timer_update(transactions->timer, 0);
	for (int i = 0; i < transaction->instructions.length; i++) {
		apply_instruction(transaction->instructions.items[i]);
	}
	transactions->current = nullptr;
	transaction_destroy(transaction);
	shell_show(transactions->server);
	cursors_rebase(transactions->server);
}

/* Applies finished transactions one after the other, without recursion. */
static void advance(struct transactions *transactions)
{
	if (transactions->applying) {
		return;
	}
	transactions->applying = true;
	transactions_commit(transactions);
	while (transactions->current != nullptr && transactions->current->waiting == 0) {
		apply_current(transactions);
		if (transactions->current == nullptr && transactions->next != nullptr) {
			start_next(transactions);
		}
	}
	transactions->applying = false;
}

static int handle_timeout(void *data)
{
	struct transactions *transactions = data;
	if (transactions->current != nullptr) {
		vx_log_debug("%d clients did not answer in time, going on without them",
			transactions->current->waiting);
		transactions->current->waiting = 0;
		advance(transactions);
	}
	return 0;
}

static struct box client_box(const struct window *window, const struct container_state *state)
{
	struct insets insets = window_insets(window, state);
	return (struct box){
		.x = state->content_x + insets.left,
		.y = state->content_y + insets.top,
		.width = state->content_width - insets.left - insets.right,
		.height = state->content_height - insets.top - insets.bottom,
	};
}

static bool needs_configure(const struct node_instruction *instruction)
{
	const struct container *con = node_as_container(instruction->node);
	const struct window *window = con != nullptr ? window_of_container(con) : nullptr;
	if (window == nullptr || instruction->node->destroying) {
		return false;
	}
	struct box now = client_box(window, &con->current);
	struct box then = client_box(window, &instruction->container);
	if (window->view.shell == VIEW_SHELL_XWAYLAND && (now.x != then.x || now.y != then.y)) {
		return true;
	}
	return now.width != then.width || now.height != then.height;
}

static bool is_hidden(const struct node_instruction *instruction)
{
	const struct container *con = node_as_container(instruction->node);
	return con->view != nullptr && !view_is_visible(con->view);
}

/* Asks the client of a container; counts it among those to wait for. */
static void send_instruction(struct transaction *transaction, struct node_instruction *instruction)
{
	if (!instruction->asks || !needs_configure(instruction)) {
		return;
	}
	struct container *con = node_as_container(instruction->node);
	const struct container_state *state = &instruction->container;
	instruction->serial = con->view->impl->configure(con->view, state->content_x,
		state->content_y, (int)state->content_width, (int)state->content_height);
	if (instruction->serial != 0 && !is_hidden(instruction)) {
		instruction->waiting = true;
		transaction->waiting++;
	}
}

static void save_content(struct node_instruction *instruction)
{
	struct container *con = node_as_container(instruction->node);
	if (con != nullptr && con->view != nullptr && frame_of(con) != nullptr) {
		frame_save_content(frame_of(con));
	}
}

static void start_next(struct transactions *transactions)
{
	struct transaction *transaction = vx_take_ptr(transactions->next);
	transactions->current = transaction;
	for (int i = 0; i < transaction->instructions.length; i++) {
		struct node_instruction *instruction = transaction->instructions.items[i];
		send_instruction(transaction, instruction);
		instruction->node->instruction = instruction;
	}
	if (transaction->waiting > 0) {
		for (int i = 0; i < transaction->instructions.length; i++) {
			save_content(transaction->instructions.items[i]);
		}
		wl_event_source_timer_update(transactions->timer, timeout_ms);
	}
}

static struct node_instruction *find_instruction(struct transaction *transaction, struct node *node)
{
	for (int i = 0; i < transaction->instructions.length; i++) {
		if (transaction->instructions.items[i]->node == node) {
			return transaction->instructions.items[i];
		}
	}
	return nullptr;
}

static void add_node(struct transaction *transaction, struct node *node, bool asks)
{
	struct node_instruction *instruction = find_instruction(transaction, node);
	if (instruction == nullptr) {
		instruction = vx_new(instruction);
		instruction->transaction = transaction;
		instruction->node = node;
		node_retain(node);
		list_append(&transaction->instructions, instruction);
	} else {
		finish_state(instruction);
	}
	instruction->asks |= asks;
	take_snapshot(instruction);
}

static void commit(struct transactions *transactions, bool asks)
{
	struct tree *tree = transactions->server->tree;
	if (tree->dirty.length == 0) {
		return;
	}
	if (transactions->next == nullptr) {
		transactions->next = vx_new(transactions->next);
	}
	for (int i = 0; i < tree->dirty.length; i++) {
		struct node *node = tree->dirty.items[i];
		node->dirty = false;
		add_node(transactions->next, node, asks);
	}
	tree->dirty.length = 0;
	if (transactions->current == nullptr && !transactions->applying) {
		start_next(transactions);
		advance(transactions);
	}
}

void transactions_commit(struct transactions *transactions)
{
	commit(transactions, true);
}

void transactions_commit_client(struct transactions *transactions)
{
	commit(transactions, false);
}

static void set_ready(struct transactions *transactions, struct node_instruction *instruction)
{
	if (!instruction->waiting) {
		return;
	}
	instruction->waiting = false;
	if (--instruction->transaction->waiting == 0) {
		advance(transactions);
	}
}

void transactions_view_ready(struct transactions *transactions, struct view *view, uint32_t serial)
{
	struct node_instruction *instruction = view->container != nullptr
						       ? view->container->node.instruction
						       : nullptr;
	if (instruction != nullptr && (int32_t)(serial - instruction->serial) >= 0) {
		set_ready(transactions, instruction);
	}
}

bool transactions_awaits_view(
	const struct transactions *transactions, const struct view *view, uint32_t serial)
{
	struct node *node = view->container != nullptr ? &view->container->node : nullptr;
	if (node == nullptr || node->instruction == nullptr || !node->instruction->waiting) {
		return false;
	}
	const struct node_instruction *queued = transactions->next != nullptr
							? find_instruction(transactions->next, node)
							: nullptr;
	return (queued != nullptr && queued->asks && needs_configure(queued)) ||
	       (int32_t)(serial - node->instruction->serial) < 0;
}

void transactions_view_gone(struct transactions *transactions, struct view *view)
{
	struct node_instruction *instruction = view->container != nullptr
						       ? view->container->node.instruction
						       : nullptr;
	if (instruction != nullptr) {
		set_ready(transactions, instruction);
	}
}

struct transactions *transactions_create(struct server *server)
{
	struct transactions *transactions = vx_new(transactions);
	transactions->server = server;
	transactions->timer = wl_event_loop_add_timer(server->loop, handle_timeout, transactions);
	return transactions;
}

void transactions_destroy(struct transactions *transactions)
{
	if (transactions == nullptr) {
		return;
	}
	transactions_commit(transactions);
	while (transactions->current != nullptr || transactions->next != nullptr) {
		if (transactions->current == nullptr) {
			start_next(transactions);
		}
		transactions->current->waiting = 0;
		advance(transactions);
	}
	wl_event_source_remove(transactions->timer);
	free(transactions);
}
