/* SPDX-License-Identifier: MIT */
/* What the options say; pure. */
#include "config/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX 65535
/* As many as the library's table may hold. */
#define CONNECTIONS_MAX 16384
#define SECONDS_MAX 86400

void
options_init(struct options *options)
{
	*options = (struct options){
		.log = OPTIONS_LOG_COMBINED,
	};
	serving_init(&options->serving);
}

/* A whole number from `least` to `most`. */
static bool
parse_number(uint32_t *ret_number, const char *word, uint32_t least,
    uint32_t most)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(word, &end, 10);
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0 ||
	    value < least || value > most)
		return false;
	*ret_number = (uint32_t)value;
	return true;
}

static bool
parse_limit(uint32_t *ret_limit, const char *word, uint32_t most)
{
	if (strcmp(word, "none") != 0)
		return parse_number(ret_limit, word, 1, most);
	*ret_limit = TCPSERVER_NO_LIMIT;
	return true;
}

static const char *
set_connections(struct options *options, const char *word)
{
	if (!parse_limit(&options->max_connections, word, CONNECTIONS_MAX))
		return "expected a number from 1 to 16384, or none";
	return NULL;
}

static const char *
set_per_source(struct options *options, const char *word)
{
	if (!parse_limit(&options->max_per_source, word,
		TCPSERVER_NO_LIMIT - 1))
		return "expected a number of connections, or none";
	return NULL;
}

static const char *
set_seconds(uint32_t *ret_ms, const char *word)
{
	uint32_t seconds;

	if (!parse_number(&seconds, word, 1, SECONDS_MAX))
		return "expected a number of seconds from 1 to 86400";
	*ret_ms = seconds * 1000;
	return NULL;
}

static const char *
add_address(struct options *options, const char *address)
{
	if (options->address_count == OPTIONS_ADDRESSES)
		return "at most 16 addresses are allowed";
	options->addresses[options->address_count++] = address;
	options->is_address_said = true;
	return NULL;
}

static const char *
add_port(struct options *options, const char *word)
{
	uint32_t port;

	if (!parse_number(&port, word, 0, PORT_MAX))
		return "expected a port from 0 to 65535";
	return add_address(options, word);
}

static const char *
set_config(struct options *options, const char *file)
{
	if (options->config != NULL)
		return "only one configuration file is allowed";
	options->config = file;
	return NULL;
}

static const char *
set_folder(struct options *options, const char *folder)
{
	if (options->folder != NULL)
		return "only one directory is allowed";
	options->folder = folder;
	return NULL;
}

static const char *
set_log(struct options *options, const char *word)
{
	static const char *const words[] = {
		[OPTIONS_LOG_OFF] = "off",
		[OPTIONS_LOG_COMBINED] = "combined",
		[OPTIONS_LOG_JSON] = "json",
	};
	unsigned i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0) {
			options->log = (enum options_log)i;
			return NULL;
		}
	}
	return "expected combined, json or off";
}

static const char *
set_jail(struct options *options, const char *word)
{
	static const struct {
		const char *word;
		enum tcpserver_jail_mode mode;
	} jails[] = {
		{ "auto", TCPSERVER_JAIL_AUTO },
		{ "strict", TCPSERVER_JAIL_STRICT },
		{ "off", TCPSERVER_JAIL_OFF },
	};
	size_t i;

	for (i = 0; i < sizeof(jails) / sizeof(jails[0]); i++) {
		if (strcmp(word, jails[i].word) == 0) {
			options->jail = jails[i].mode;
			return NULL;
		}
	}
	return "expected auto, strict or off";
}

const char *
options_take(struct options *options, int id, const char *word)
{
	switch (id) {
	case OPTION_CHECK:
		options->is_check = true;
		return NULL;
	case OPTION_CONFIG:
		return set_config(options, word);
	case OPTION_DIRECTORY:
		return set_folder(options, word);
	case OPTION_GROUP:
		options->group = word;
		return NULL;
	case OPTION_IDLE:
		return set_seconds(&options->idle_ms, word);
	case OPTION_JAIL:
		return set_jail(options, word);
	case OPTION_LINGER:
		return set_seconds(&options->linger_ms, word);
	case OPTION_LISTEN:
		return add_address(options, word);
	case OPTION_LOG:
		return set_log(options, word);
	case OPTION_MAX_CONNECTIONS:
		return set_connections(options, word);
	case OPTION_MAX_PER_SOURCE:
		return set_per_source(options, word);
	case OPTION_PORT:
		return add_port(options, word);
	case OPTION_STATUS:
		options->status = word;
		return NULL;
	case OPTION_USER:
		options->user = word;
		return NULL;
	case OPTION_WAIT:
		return set_seconds(&options->wait_ms, word);
	default:
		return serving_take(&options->serving, id - OPTION_SERVING,
		    word);
	}
}

void
options_complete(struct options *options)
{
	if (options->folder == NULL)
		options->folder = OPTIONTABLE_FOLDER;
	if (options->address_count == 0)
		options->addresses[options->address_count++] =
		    OPTIONTABLE_ADDRESS;
}
