/* SPDX-License-Identifier: MIT */
/* Reads the command line, and the configuration file that it names. */
#include "config/command_line.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/read_file.h"
#include "config/config_file.h"
#include "config/help.h"

#define EXIT_USAGE 2
/* A long option is known to getopt_long(3) by its row, beyond all letters. */
#define FIRST_ROW (UCHAR_MAX + 1)

/* The table, in the form of getopt_long(3). */
struct known {
	struct option options[OPTIONTABLE_ROWS_MAX + 1];
	/* The colon in front tells a missing word from an unknown option. */
	char letters[1 + 2 * OPTIONTABLE_ROWS_MAX + 1];
};

/* The file that is read, and where. */
struct source {
	const char *file;
	struct configline lines;
};

_Noreturn void
commandline_refuse(const char *what, const char *fault)
{
	fprintf(stderr, "ezhttpd: %s: %s (see ezhttpd --help)\n", what, fault);
	exit(EXIT_USAGE);
}

/* Names the option with its value, and what is wrong with that. */
static _Noreturn void
refuse_item(const struct said_item *item, const char *fault)
{
	fprintf(stderr, "ezhttpd: --%s%s%s: %s (see ezhttpd --help)\n",
	    item->row->name, item->word != NULL ? " " : "",
	    item->word != NULL ? item->word : "", fault);
	exit(EXIT_USAGE);
}

static _Noreturn void
refuse_file(const char *file, int error)
{
	fprintf(stderr, "ezhttpd: %s: %s\n", file, strerror(error));
	exit(EXIT_USAGE);
}

static _Noreturn void
refuse_line(const struct source *source, const char *what)
{
	fprintf(stderr, "ezhttpd: %s:%u: %s\n", source->file,
	    source->lines.number, what);
	exit(EXIT_USAGE);
}

/* Names the option of a line with its value, and what is wrong with that. */
static _Noreturn void
refuse_pair(const struct source *source, const struct configline_pair *pair,
    const char *fault)
{
	fprintf(stderr, "ezhttpd: %s:%u: %.*s%s%.*s: %s\n", source->file,
	    source->lines.number, (int)pair->name.n, pair->name.bytes,
	    pair->value.n > 0 ? " " : "", (int)pair->value.n, pair->value.bytes,
	    fault);
	exit(EXIT_USAGE);
}

static _Noreturn void
refuse_name(const struct source *source, struct piece name, const char *hint)
{
	fprintf(stderr, "ezhttpd: %s:%u: unknown option \"%.*s\"%s\n",
	    source->file, source->lines.number, (int)name.n, name.bytes, hint);
	exit(EXIT_USAGE);
}

static void
add(struct said *said, const struct said_item *item)
{
	if (said_add(said, item) == 0)
		return;
	fprintf(stderr, "ezhttpd: options: %s\n", strerror(ENOMEM));
	exit(EXIT_FAILURE);
}

static void
learn(struct known *known)
{
	const struct optiontable_row *row;
	char *letter = known->letters;
	int i;

	*known = (struct known){ .letters = "" };
	*letter++ = ':';
	for (i = 0; i < OPTIONTABLE_ROWS_MAX; i++) {
		row = optiontable_at((size_t)i);
		if (row == NULL)
			return;
		known->options[i] = (struct option){
			.name = row->name,
			.has_arg = (row->flags & OPTION_HAS_WORD) != 0,
			.val = FIRST_ROW + i,
		};
		if (row->letter == '\0')
			continue;
		*letter++ = row->letter;
		if ((row->flags & OPTION_HAS_WORD) != 0)
			*letter++ = ':';
	}
}

/* The row that getopt_long(3) has found. */
static const struct optiontable_row *
row_of(int option)
{
	const struct optiontable_row *row;
	size_t i;

	if (option >= FIRST_ROW)
		return optiontable_at((size_t)(option - FIRST_ROW));
	for (i = 0;; i++) {
		row = optiontable_at(i);
		if (row == NULL || row->letter == option)
			return row;
	}
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

	if (optopt >= FIRST_ROW)
		commandline_refuse(argv[optind - 1],
		    "option takes no argument");
	if (optopt == 0)
		commandline_refuse(argv[optind - 1], "unknown option");
	commandline_refuse(letter, "unknown option");
}

static void
take(struct options *options, const struct said_item *item)
{
	const char *fault = options_take(options, item->row->id, item->word);

	if (fault != NULL)
		refuse_item(item, fault);
}

/* Takes one of the command line, at once: what is wrong first is said. */
static void
take_word(struct options *options, struct said *said,
    const struct optiontable_row *row, const char *word)
{
	const struct said_item item = { .row = row, .word = word };

	if (row->id == OPTION_HELP) {
		fputs(help_text, stdout);
		exit(EXIT_SUCCESS);
	}
	if (row->id == OPTION_VERSION) {
		puts("ezhttpd " TCPSERVER_VERSION);
		exit(EXIT_SUCCESS);
	}
	take(options, &item);
	add(said, &item);
}

static void
read_words(struct options *options, struct said *said, int argc, char **argv)
{
	static const struct piece folder = PIECE_OF("directory");
	struct known known;
	int option;

	learn(&known);
	opterr = 0;
	for (;;) {
		option =
		    getopt_long(argc, argv, known.letters, known.options, NULL);
		if (option == -1)
			break;
		if (option == '?')
			refuse_option(argv);
		if (option == ':')
			commandline_refuse(argv[optind - 1],
			    "option requires an argument");
		take_word(options, said, row_of(option), optarg);
	}
	for (; optind < argc; optind++)
		take_word(options, said, optiontable_find(folder),
		    argv[optind]);
}

/* How an option is written here, if that may be why it is not known. */
static const char *
hint_for(struct piece name)
{
	if (name.bytes[0] == '-')
		return ": write its long name, without dashes";
	if (memchr(name.bytes, '=', name.n) != NULL)
		return ": write a blank, not =, in front of the value";
	return "";
}

/* The row that a line is of; the process ends if it may not be there. */
static const struct optiontable_row *
row_of_line(const struct source *source, const struct configline_pair *pair)
{
	const struct optiontable_row *row = optiontable_find(pair->name);

	if (row == NULL)
		refuse_name(source, pair->name, hint_for(pair->name));
	if ((row->flags & OPTION_NOT_IN_FILE) != 0)
		refuse_pair(source, pair, "for the command line only");
	if ((row->flags & OPTION_HAS_WORD) != 0 && pair->value.n == 0)
		refuse_pair(source, pair, "option requires an argument");
	if ((row->flags & OPTION_HAS_WORD) == 0 && pair->value.n > 0)
		refuse_pair(source, pair, "option takes no argument");
	if (configline_fault(pair->value) != NULL)
		refuse_pair(source, pair, configline_fault(pair->value));
	return row;
}

static void
take_line(const struct source *source, const struct configline_pair *pair,
    struct options *options, struct said *said)
{
	const struct optiontable_row *row = row_of_line(source, pair);
	const char *fault;
	char *word = NULL;

	if (pair->value.n > 0) {
		word = strndup(pair->value.bytes, pair->value.n);
		if (word == NULL)
			refuse_file(source->file, ENOMEM);
	}
	fault = options_take(options, row->id, word);
	if (fault != NULL)
		refuse_pair(source, pair, fault);
	add(said, &(struct said_item){ row, word, source->lines.number });
}

static const char *
fault_of_line(int error)
{
	switch (error) {
	case -EMSGSIZE:
		return "the line has more than 4095 bytes";
	case -EILSEQ:
		return "the line ends in CR LF, expected LF alone";
	default:
		return "the line has a control character";
	}
}

static void
read_file(const char *file, struct options *options, struct said *said)
{
	struct source source = { .file = file };
	struct configline_pair pair;
	char *bytes;
	size_t n;
	int r = wholefile_read(file, &bytes, &n);

	if (r < 0)
		refuse_file(file, -r);
	source.lines.text = (struct piece){ bytes, n };
	for (;;) {
		r = configline_next(&source.lines, &pair);
		if (r <= 0)
			break;
		take_line(&source, &pair, options, said);
	}
	if (r < 0)
		refuse_line(&source, fault_of_line(r));
	free(bytes);
}

/* What of the file gives way to what the command line has said. */
static void
give_way(struct options *options, const struct options *command)
{
	if (command->folder != NULL)
		options->folder = NULL;
	if (command->address_count > 0)
		options->address_count = 0;
}

void
commandline_read(struct options *ret_options, struct said *ret_said, int argc,
    char **argv)
{
	static struct options command;
	struct said words = { .count = 0 };
	struct said said = { .count = 0 };
	size_t i;

	options_init(&command);
	options_init(ret_options);
	read_words(&command, &words, argc, argv);
	if (command.config != NULL)
		read_file(command.config, ret_options, &said);
	give_way(ret_options, &command);
	for (i = 0; i < words.count; i++) {
		take(ret_options, &words.items[i]);
		add(&said, &words.items[i]);
	}
	said_release(&words);
	options_complete(ret_options);
	*ret_said = said;
}
