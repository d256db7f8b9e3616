/* SPDX-License-Identifier: MIT */
/* What the command line says. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tcpserver.h>

#define EXIT_USAGE 2
#define DEFAULT_ADDRESS "*:8080"
#define PORT_MAX 65535
/* As many as the library's table may hold. */
#define CONNECTIONS_MAX 16384

/* Options without a short form. */
enum {
	OPTION_GROUP = 256,
	OPTION_JAIL,
	OPTION_LISTEN,
	OPTION_LOG,
	OPTION_MAX_CONNECTIONS,
	OPTION_MAX_PER_SOURCE,
	OPTION_NO_LISTING,
	OPTION_STATUS,
	OPTION_USER,
};

static const char help[] =
    "usage: ezhttpd [options] [DIR]\n"
    "Serves the files in DIR (default: the current folder) by HTTP.\n"
    "\n"
    "      --group GROUP        be of this group, by name or number\n"
    "  -h, --help               say this\n"
    "      --jail auto|strict|off\n"
    "                           shut each client in as well as can be here, or\n"
    "                           do not start, or not at all (default: auto)\n"
    "      --listen ADDRESS     listen there, and on others given: a port,\n"
    "                           192.0.2.1:80, [::1]:80, *:80, unix:PATH\n"
    "                           (default: *:8080)\n"
    "      --log combined|off   log requests on stderr, or not\n"
    "                           (default: combined)\n"
    "      --max-connections N  at the same time, 1 to 16384, or none for as\n"
    "                           many as can be: 16384 (default: 256)\n"
    "      --max-per-source N   of these from one address, or none for no\n"
    "                           limit (default: a quarter)\n"
    "      --no-listing         show no folders that have no index.html\n"
    "  -p, --port N             listen on this port of all addresses;\n"
    "                           0 for any free one\n"
    "      --status PATH        tell on this unix socket how the server is\n"
    "      --user USER          become this user, by name or number (default,\n"
    "                           as the superuser: nobody)\n"
    "  -V, --version            say which version this is\n";

/* Ends the process: the command line is wrong, and this is why. */
static _Noreturn void
refuse(const char *what, const char *word)
{
	fprintf(stderr, "ezhttpd: %s: %s (see ezhttpd --help)\n", what, word);
	exit(EXIT_USAGE);
}

/* A whole number from `least` to `most`. */
static uint32_t
number(const char *what, const char *word, uint32_t least, uint32_t most)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(word, &end, 10);
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0 ||
	    value < least || value > most)
		refuse(what, word);
	return (uint32_t)value;
}

static uint32_t
number_or_none(const char *what, const char *word, uint32_t most)
{
	if (strcmp(word, "none") == 0)
		return TCPSERVER_NO_LIMIT;
	return number(what, word, 1, most);
}

static void
add_address(struct options *options, const char *address)
{
	if (options->address_count == OPTIONS_ADDRESSES)
		refuse("too many addresses", address);
	options->addresses[options->address_count++] = address;
}

static bool
log_wanted(const char *word)
{
	if (strcmp(word, "off") != 0 && strcmp(word, "combined") != 0)
		refuse("not a log format", word);
	return strcmp(word, "off") != 0;
}

static enum tcpserver_jail_mode
jail_wanted(const char *word)
{
	if (strcmp(word, "auto") == 0)
		return TCPSERVER_JAIL_AUTO;
	if (strcmp(word, "strict") == 0)
		return TCPSERVER_JAIL_STRICT;
	if (strcmp(word, "off") != 0)
		refuse("not a jail", word);
	return TCPSERVER_JAIL_OFF;
}

/*
 * A short option is named by its letter: with others in the same word,
 * getopt_long(3) has not passed that word yet.  A long one is named by the
 * word, also where it is known and takes no value.
 */
static _Noreturn void
refuse_option(char **argv)
{
	const char letter[] = { '-', (char)optopt, '\0' };

	if (optopt == 0 || optopt > UCHAR_MAX || strchr("hpV", optopt) != NULL)
		refuse("unknown option", argv[optind - 1]);
	refuse("unknown option", letter);
}

static void
take_option(struct options *options, int option, const char *word)
{
	switch (option) {
	case 'h':
		fputs(help, stdout);
		exit(EXIT_SUCCESS);
	case 'V':
		puts("ezhttpd " TCPSERVER_VERSION);
		exit(EXIT_SUCCESS);
	case 'p':
		(void)number("not a port", word, 0, PORT_MAX);
		add_address(options, word);
		break;
	case OPTION_GROUP:
		options->group = word;
		break;
	case OPTION_JAIL:
		options->jail = jail_wanted(word);
		break;
	case OPTION_LISTEN:
		add_address(options, word);
		break;
	case OPTION_LOG:
		options->has_log = log_wanted(word);
		break;
	case OPTION_MAX_CONNECTIONS:
		options->max_connections = number_or_none(
		    "not a number of connections from 1 to 16384", word,
		    CONNECTIONS_MAX);
		break;
	case OPTION_MAX_PER_SOURCE:
		options->max_per_source =
		    number_or_none("not a number of connections", word,
			TCPSERVER_NO_LIMIT - 1);
		break;
	case OPTION_NO_LISTING:
		options->has_listing = false;
		break;
	case OPTION_STATUS:
		options->status = word;
		break;
	case OPTION_USER:
		options->user = word;
		break;
	default:
		break;
	}
}

void
options_parse(struct options *ret_options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "group", required_argument, NULL, OPTION_GROUP },
		{ "help", no_argument, NULL, 'h' },
		{ "jail", required_argument, NULL, OPTION_JAIL },
		{ "listen", required_argument, NULL, OPTION_LISTEN },
		{ "log", required_argument, NULL, OPTION_LOG },
		{ "max-connections", required_argument, NULL,
		    OPTION_MAX_CONNECTIONS },
		{ "max-per-source", required_argument, NULL,
		    OPTION_MAX_PER_SOURCE },
		{ "no-listing", no_argument, NULL, OPTION_NO_LISTING },
		{ "port", required_argument, NULL, 'p' },
		{ "status", required_argument, NULL, OPTION_STATUS },
		{ "user", required_argument, NULL, OPTION_USER },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*ret_options = (struct options){
		.folder = ".",
		.has_listing = true,
		.has_log = true,
	};
	opterr = 0;
	for (;;) {
		option = getopt_long(argc, argv, ":hp:V", known, NULL);
		if (option == -1)
			break;
		if (option == '?')
			refuse_option(argv);
		if (option == ':')
			refuse("a word is missing after", argv[optind - 1]);
		take_option(ret_options, option, optarg);
	}
	if (argc - optind > 1)
		refuse("more than one folder", argv[optind + 1]);
	if (optind < argc)
		ret_options->folder = argv[optind];
	if (ret_options->address_count == 0)
		add_address(ret_options, DEFAULT_ADDRESS);
}
