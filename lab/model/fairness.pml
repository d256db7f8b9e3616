/* SPDX-License-Identifier: MIT */
/*
 * The rule of fairness over counts: how many connections each source holds.
 *
 * Time is left out.  Whether anybody is overdue, and which of equally heavy
 * sources has the stalest connection, is left open: every choice is tried.
 * Connections come from any source and end at any time.
 *
 * Claims, of every newcomer
 *   who holds none is let in, while some source holds two or more
 *   who holds two less than the heaviest source is let in
 * and at all times: no source and no group above its share, no more in all
 * than there are places.
 *
 * Faults to be found
 *   -DFAULT_SHARES_ONLY   shares are kept, but when full nobody goes
 *   -DFAULT_THREE_MORE    the heaviest must hold three more than the newcomer
 */

#ifndef PLACES
#define PLACES 8
#endif
/* Each of three sources. */
#ifndef GROUPS
#define GROUPS 3
#endif
#define SOURCES (3 * GROUPS)
#define SOURCE_SHARE (PLACES / 4 < 2 -> 2 : PLACES / 4)
#define GROUP_SHARE (PLACES / 2)
#ifdef FAULT_THREE_MORE
#define MORE 3
#else
#define MORE 2
#endif

#define group_of(source) ((source) % GROUPS)

byte of_source[SOURCES];
byte of_group[GROUPS];
byte all;

inline leave(who) {
	of_source[who]--;
	of_group[group_of(who)]--;
	all--
}

inline enter(who) {
	of_source[who]++;
	of_group[group_of(who)]++;
	all++;
	is_in = true
}

#define is_asked(n, of_all) (of_all || group_of(n) == group_of(s))
#define is_heaviest(n, of_all) (is_asked(n, of_all) && \
	of_source[n] == most && of_group[group_of(n)] == weight)

/* What the heaviest source holds; then one of them, of the heaviest group. */
inline find_heaviest(of_all) {
	most = 0; h = 0;
	for (i : 0 .. SOURCES - 1) {
		if
		:: is_asked(i, of_all) && of_source[i] > most ->
			most = of_source[i]
		:: else
		fi
	}
	weight = 0;
	for (i : 0 .. SOURCES - 1) {
		if
		:: is_asked(i, of_all) && of_source[i] == most &&
		   of_group[group_of(i)] > weight ->
			weight = of_group[group_of(i)]
		:: else
		fi
	}
	select (h : 0 .. SOURCES - 1);
	do
	:: is_heaviest(h, of_all) -> break
	:: else -> h = (h + 1) % SOURCES
	od
}

/* No place is free. */
inline replace_heaviest() {
	find_heaviest(true);
	if
#ifndef FAULT_SHARES_ONLY
	:: of_source[h] >= of_source[s] + MORE ||
	   of_group[group_of(h)] >= of_group[group_of(s)] + MORE ->
		leave(h); enter(s)
#endif
	:: else ->
		/* The stalest of all is anybody's, if it is overdue. */
		if
		:: skip
#ifndef FAULT_SHARES_ONLY
		:: select (h : 0 .. SOURCES - 1);
		   if
		   :: of_source[h] > 0 -> leave(h); enter(s)
		   :: else
		   fi
#endif
		fi
	fi
}

inline knock() {
	if
	:: of_source[s] >= SOURCE_SHARE -> leave(s); enter(s)
	:: of_source[s] < SOURCE_SHARE &&
	   of_group[group_of(s)] >= GROUP_SHARE ->
		find_heaviest(false); leave(h); enter(s)
	:: else ->
		if
		:: all < PLACES -> enter(s)
		:: else -> replace_heaviest()
		fi
	fi
}

active proctype Server() {
	byte s, h, i, most, weight, own, heaviest;
	bool is_in;

	do
	:: atomic {
		select (s : 0 .. SOURCES - 1);
		is_in = false;
		own = of_source[s];
		heaviest = 0;
		for (i : 0 .. SOURCES - 1) {
			heaviest = (of_source[i] > heaviest ->
			    of_source[i] : heaviest)
		}
		knock();
		assert(is_in || own > 0 || heaviest < 2);
		assert(is_in || own + 2 > heaviest);
		for (i : 0 .. SOURCES - 1) {
			assert(of_source[i] <= SOURCE_SHARE);
			assert(of_group[group_of(i)] <= GROUP_SHARE)
		}
		assert(all <= PLACES);
		s = 0; h = 0; i = 0; most = 0; weight = 0; own = 0;
		heaviest = 0; is_in = false
	   }
	/* One ends. */
	:: atomic {
		select (s : 0 .. SOURCES - 1);
		if
		:: of_source[s] > 0 -> leave(s)
		:: else
		fi;
		s = 0
	   }
	od
}
