/* SPDX-License-Identifier: MIT */
/*
 * Whether this is built with the address sanitizer, which needs more than a
 * release does: system calls of its own, and terabytes of addresses.
 */
#ifndef TS_OS_SANITIZED_H
#define TS_OS_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define TS_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TS_IS_SANITIZED 1
#else
#define TS_IS_SANITIZED 0
#endif
#else
#define TS_IS_SANITIZED 0
#endif

#endif
