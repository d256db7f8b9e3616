/* SPDX-License-Identifier: MIT */
/* What the client side of the attack lab has in common. */
#ifndef LAB_ATTACK_SIDE_H
#define LAB_ATTACK_SIDE_H

#include <stdint.h>

/* Addresses of 127.0.0.0/8, in turn: first, first + step, and so on. */
struct side_sources {
	uint32_t first;
	uint32_t count;
	uint32_t step;
};

/* Milliseconds on the monotonic clock. */
double side_now_ms(void);

/* Ends the program: `step` has failed, for errno's reason. */
_Noreturn void side_die(const char *step);

/* A whole number from `least` to `most`, or the program ends. */
uint64_t side_number(const char *text, uint64_t least, uint64_t most);

/*
 * "ADDRESS[,COUNT[,STEP]]", all of it within 127.0.0.0/8, or the program ends.
 */
struct side_sources side_sources(const char *text);

/* As many descriptors as are permitted. */
void side_raise_descriptor_limit(void);

/*
 * Begins to connect to 127.0.0.1 and nowhere else, from source number
 * `turn`, without waiting.  A receive buffer of 0 bytes is the kernel's
 * choice.  The descriptor is the caller's; or a negative errno.
 */
int side_connect(const struct side_sources *sources, uint64_t turn,
    uint16_t port, int receive_bytes);

#endif
