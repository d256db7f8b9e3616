/* SPDX-License-Identifier: MIT */
/* What the client side of the attack lab has in common. */
#ifndef LAB_ATTACK_SIDE_H
#define LAB_ATTACK_SIDE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Addresses to connect from, in turn: first, first + step, and so on.  Of IPv4
 * they are of 127.0.0.0/8; of IPv6 any that a loopback interface takes, and
 * they are counted by their upper halves.
 */
struct side_sources {
	bool is_ipv6;
	uint64_t first;
	/* The lower half of each address of IPv6. */
	uint64_t host;
	uint32_t count;
	uint64_t step;
};

/* Milliseconds on the monotonic clock. */
double side_now_ms(void);

/*
 * Ends the program: `step` has failed, for errno's reason.  (An attribute,
 * since cppcheck does not know _Noreturn.)
 */
__attribute__((noreturn)) void side_die(const char *step);

/* A whole number from `least` to `most`, or the program ends. */
uint64_t side_number(const char *text, uint64_t least, uint64_t most);

/*
 * Parses "ADDRESS[,COUNT[,STEP]]": of IPv4, all of it within 127.0.0.0/8.  Of
 * IPv6, STEP is "/BITS", and each address is of the next network of so many
 * bits, at most 64.  With anything else the program ends.
 */
struct side_sources side_sources(const char *text);

/* As many descriptors as are permitted. */
void side_raise_descriptor_limit(void);

/*
 * Begins to connect from source number `turn` to 127.0.0.1, or to ::1 from a
 * source of IPv6, and nowhere else, without waiting.  A receive buffer of 0
 * bytes is the kernel's choice.  The descriptor is the caller's; or a negative
 * errno.
 */
int side_connect(const struct side_sources *sources, uint64_t turn,
    uint16_t port, int receive_bytes);

#endif
