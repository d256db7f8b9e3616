/* SPDX-License-Identifier: MIT */
/* What --help says. */
#include "config/help.h"

/* First what most people look for; the others tell by their names. */
const char help_text[] =
    "usage: ezhttpd [options] [DIR]    serve the files in DIR, by default here\n"
    "  -p, --port N                 listen on every address (8080; 0: a free port)\n"
    "      --listen ADDRESS         a port, 192.0.2.1:80, [::1]:80 or unix:PATH\n"
    "      --log combined|json|off  a line for each request, on stderr (combined)\n"
    "      --jail auto|strict|off   walls around each client (auto: all there are)\n"
    "      --config FILE            take options from FILE: a 'name value' per line\n"
    "      --check                  print all that holds, as such a file, and exit\n"
    "  -h, --help                   print this, and exit\n"
    "  -V, --version                print the version, and exit\n"
    "Files:\n"
    "  -d, --directory DIR  --index NAME (index.html)  --no-listing  --html-suffix\n"
    "  --alias /PATH=DIR  --vhosts (a folder of DIR for each host)  --no-symlinks\n"
    "  --fallback FILE  --error-page 403|404=FILE  --mime FILE  --charset NAME|none\n"
    "Answers:\n"
    "  --cache PATTERN=AGE[,immutable]  --header 'NAME: VALUE'  --cors\n"
    "  --redirect /OLD=NEW  --auth FILE (of names and hashes, by htpasswd -B)\n"
    "Server:\n"
    "  --max-connections N|none (by memory)  --max-per-source N|none (none)\n"
    "  --wait S (5)  --idle S (60)  --linger S (2)\n"
    "  --user USER (nobody, for root)  --group GROUP  --status PATH\n"
    "More than one of each: --alias, --cache, --error-page, --header, --index,\n"
    "--listen, --port, --redirect.  What each does: see ezhttpd(8)\n";
