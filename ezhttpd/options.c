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
	/* From here on, those of enum serving_option. */
	OPTION_SERVING = 256,
	OPTION_GROUP = OPTION_SERVING + SERVING_OPTIONS,
	OPTION_JAIL,
	OPTION_LISTEN,
	OPTION_LOG,
	OPTION_MAX_CONNECTIONS,
	OPTION_MAX_PER_SOURCE,
	OPTION_STATUS,
	OPTION_USER,
};

static const char help[] =
    "usage: ezhttpd [options] [DIR]    serve the files in DIR, by default here\n"
    "      --cache PATTERN=AGE        keep such paths: 'assets/*=1y,immutable'\n"
    "      --charset NAME|none        of text (default: utf-8)\n"
    "      --cors                     let pages of other sites use the files\n"
    "  -d, --directory DIR            as DIR\n"
    "      --error-page STATUS=FILE   page of the site for 403 or 404\n"
    "      --fallback FILE            instead of 404, for one-page sites\n"
    "      --group GROUP              by name or number\n"
    "      --header 'NAME: VALUE'     add to all answers\n"
    "  -h, --help                     say this\n"
    "      --html-suffix              let /page stand for /page.html\n"
    "      --index NAME               of the file of a folder (index.html)\n"
    "      --jail auto|strict|off     around each client (auto: all there is)\n"
    "      --listen ADDRESS           a port, 192.0.2.1:80, [::1]:80, unix:PATH\n"
    "      --log combined|off         of requests, on stderr\n"
    "      --max-connections N|none   at the same time (256)\n"
    "      --max-per-source N|none    of these, from one address (a quarter)\n"
    "      --mime FILE                instead of /etc/mime.types\n"
    "      --no-listing               show no folders without an index\n"
    "  -p, --port N                   listen on all addresses (8080; 0: any)\n"
    "      --status PATH              tell on a unix socket how the server is\n"
    "      --user USER                as the superuser, become this one (nobody)\n"
    "  -V, --version                  say which version this is\n"
    "More than one of each: --cache, --error-page, --header, --listen, --port.\n";

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

static void
set_folder(struct options *options, const char *folder)
{
	if (options->folder != NULL)
		refuse("more than one folder", folder);
	options->folder = folder;
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

	if (optopt == 0 || optopt > UCHAR_MAX || strchr("dhpV", optopt) != NULL)
		refuse("unknown option", argv[optind - 1]);
	refuse("unknown option", letter);
}

static void
take_serving(struct options *options, int option, const char *word)
{
	const char *fault =
	    serving_take(&options->serving, option - OPTION_SERVING, word);

	if (fault != NULL)
		refuse(fault, word);
}

static void
take_option(struct options *options, int option, const char *word)
{
	switch (option) {
	case 'd':
		set_folder(options, word);
		break;
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
	case OPTION_STATUS:
		options->status = word;
		break;
	case OPTION_USER:
		options->user = word;
		break;
	default:
		take_serving(options, option, word);
		break;
	}
}

static const struct option known[] = {
	{ "alias", required_argument, NULL, OPTION_SERVING + SERVING_ALIAS },
	{ "auth", required_argument, NULL, OPTION_SERVING + SERVING_AUTH },
	{ "cache", required_argument, NULL, OPTION_SERVING + SERVING_CACHE },
	{ "charset", required_argument, NULL,
	    OPTION_SERVING + SERVING_CHARSET },
	{ "cors", no_argument, NULL, OPTION_SERVING + SERVING_CORS },
	{ "directory", required_argument, NULL, 'd' },
	{ "error-page", required_argument, NULL,
	    OPTION_SERVING + SERVING_ERROR_PAGE },
	{ "fallback", required_argument, NULL,
	    OPTION_SERVING + SERVING_FALLBACK },
	{ "group", required_argument, NULL, OPTION_GROUP },
	{ "header", required_argument, NULL, OPTION_SERVING + SERVING_HEADER },
	{ "help", no_argument, NULL, 'h' },
	{ "html-suffix", no_argument, NULL,
	    OPTION_SERVING + SERVING_HTML_SUFFIX },
	{ "index", required_argument, NULL, OPTION_SERVING + SERVING_INDEX },
	{ "jail", required_argument, NULL, OPTION_JAIL },
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "max-connections", required_argument, NULL, OPTION_MAX_CONNECTIONS },
	{ "max-per-source", required_argument, NULL, OPTION_MAX_PER_SOURCE },
	{ "mime", required_argument, NULL, OPTION_SERVING + SERVING_MIME },
	{ "no-listing", no_argument, NULL,
	    OPTION_SERVING + SERVING_NO_LISTING },
	{ "no-symlinks", no_argument, NULL,
	    OPTION_SERVING + SERVING_NO_SYMLINKS },
	{ "port", required_argument, NULL, 'p' },
	{ "redirect", required_argument, NULL,
	    OPTION_SERVING + SERVING_REDIRECT },
	{ "status", required_argument, NULL, OPTION_STATUS },
	{ "user", required_argument, NULL, OPTION_USER },
	{ "vhosts", no_argument, NULL, OPTION_SERVING + SERVING_VHOSTS },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

void
options_parse(struct options *ret_options, int argc, char **argv)
{
	int option;

	*ret_options = (struct options){
		.has_log = true,
	};
	serving_init(&ret_options->serving);
	opterr = 0;
	for (;;) {
		option = getopt_long(argc, argv, ":d:hp:V", known, NULL);
		if (option == -1)
			break;
		if (option == '?')
			refuse_option(argv);
		if (option == ':')
			refuse("a word is missing after", argv[optind - 1]);
		take_option(ret_options, option, optarg);
	}
	for (; optind < argc; optind++)
		set_folder(ret_options, argv[optind]);
	if (ret_options->folder == NULL)
		ret_options->folder = ".";
	if (ret_options->address_count == 0)
		add_address(ret_options, DEFAULT_ADDRESS);
}
