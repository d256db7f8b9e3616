/* SPDX-License-Identifier: MIT */
/*
 * The rule of fairness over counts: how many connections of each kind each
 * source has.  Two sources make a network; a walk has two levels.
 *
 * Time is left out.  Which of equally heavy networks comes first, which of a
 * source's connections is the stalest, and whether a replacement of one's own
 * is due, is left open: every choice is tried.  Connections come from any
 * source, new or proven, and end, lag, are killed and reaped at any time.
 *
 * Claims, of every newcomer
 *   while a slot is free and nobody waits, it is admitted
 *   only the heaviest network pays, at both levels
 *   where they part, the network that pays does not weigh less than the
 *   newcomer's when it has paid, though all that are unseen lag, and however
 *   many are killed and not yet reaped
 *   one that is lighter by more than HEAVY never waits, while a slot can be lent
 *   a spare slot is for a lighter one only
 * of every connection that waits
 *   no more wait than may, and the network with the greatest claim gives up
 * at all times
 *   nothing is lent to a source that has more than HEAVY killed ones
 *   no more are held than slots, spare ones and one for each killed
 * and in the end (searched for with -DNP)
 *   one eviction for a lighter newcomer does not bring about the next for ever:
 *   sooner or later a connection ends, is looked at or waits
 *
 * Faults to be found
 *   -DFAULT_NOT_LESS        lighter by just HEAVY is enough
 *   -DFAULT_ONE_LEVEL       the heaviest source pays, wherever it is
 *   -DFAULT_SPARE_FOR_ALL   a spare slot is given to anybody
 *   -DFAULT_NO_PROOF        a newcomer's unseen connections weigh 1
 *   -DFAULT_LENT_FOR_EVER   evicted though no slot can be lent
 *   -DFAULT_LENT_TO_ALL     lent to the networks that have the killed ones
 *   -DFAULT_KILLED_IS_HEAVY a killed connection is still to pay
 *   -DFAULT_KILLED_IS_GONE  one counts no longer against its own network
 *   -DFAULT_NO_QUEUE        a newcomer takes a slot that others wait for
 *   -DFAULT_CUT_WHILE_FREE  a source's own connection is cut for a newcomer
 *                           while a slot is free and others wait
 *   -DFAULT_NO_THRESHOLD    lighter by one is enough (found with -DNP)
 */

#ifndef SLOTS
#define SLOTS 3
#endif
#ifndef SPARE
#define SPARE 1
#endif
#ifndef HEAVY
#define HEAVY 2
#endif
#ifndef NETWORKS
#define NETWORKS 2
#endif
#ifndef MOST_WAITING
#define MOST_WAITING 1
#endif
#define SOURCES (2 * NETWORKS)

/* Of each source: live ones, by what is known of them; the others. */
byte unseen[SOURCES];
byte proven[SOURCES];
byte lagging[SOURCES];
byte killed[SOURCES];
byte waiting[SOURCES];
byte all_held, all_killed, all_waiting;

#define network_of(source) ((source) / 2)
#define both(what, n) (what(2 * (n)) + what(2 * (n) + 1))

#define live(s) (unseen[s] + proven[s] + lagging[s])
#define live_weight(s) (unseen[s] + proven[s] + HEAVY * lagging[s])
/* A killed connection has paid. */
#ifdef FAULT_KILLED_IS_HEAVY
#define weight(s) (live_weight(s) + HEAVY * killed[s])
#else
#define weight(s) live_weight(s)
#endif
/* Against a newcomer: those that are unseen may lag, and the killed count. */
#define most_weight(s) \
	(live_weight(s) + (HEAVY - 1) * unseen[s] + HEAVY * killed[s])
#if defined(FAULT_NO_PROOF)
#define own_weight(s) (live_weight(s) + HEAVY * killed[s])
#elif defined(FAULT_KILLED_IS_GONE)
#define own_weight(s) (live_weight(s) + (HEAVY - 1) * unseen[s])
#else
#define own_weight(s) most_weight(s)
#endif
/* Slots, and connections that wait: the most is refused first. */
#define claim(s) (live_weight(s) + killed[s] + waiting[s])
#define waits(s) waiting[s]

#define weight_in(n) both(weight, n)
#define live_weight_in(n) both(live_weight, n)
#define claim_in(n) both(claim, n)
#define own_weight_in(n) both(own_weight, n)
#define waits_in(n) both(waits, n)

#if defined(FAULT_NOT_LESS)
#define is_lighter (paid >= own + HEAVY)
#elif defined(FAULT_NO_THRESHOLD)
#define is_lighter (paid > own)
#else
#define is_lighter (paid > own + HEAVY)
#endif

/* Slots that are lent for killed connections. */
#define lent (all_killed < SLOTS -> all_killed : SLOTS)
/* Inside a network with many killed ones, sources with none are lent one. */
#define may_borrow(s) \
	(both(killed_of, network_of(s)) <= HEAVY || killed[s] == 0)
#define killed_of(s) killed[s]
#ifdef FAULT_LENT_TO_ALL
#define has_room(s) (all_held < SLOTS + lent)
#else
#define has_room(s) (all_held < SLOTS || (all_held < SLOTS + lent && may_borrow(s)))
#endif

inline enter(s) {
	if
	:: unseen[s]++
	:: proven[s]++
	:: lagging[s]++
	fi;
	all_held++
}

/* Any of its live connections. */
inline kill(s) {
	if
	:: unseen[s] > 0 -> unseen[s]--
	:: proven[s] > 0 -> proven[s]--
	:: lagging[s] > 0 -> lagging[s]--
	fi;
	killed[s]++;
	all_killed++
}

/* --- The walk ------------------------------------------------------------ */

/* The heaviest network, or one of them. */
inline find_network() {
	most = 0;
	for (i : 0 .. NETWORKS - 1) {
		most = (weight_in(i) > most -> weight_in(i) : most)
	}
	select (h : 0 .. NETWORKS - 1);
	do
	:: weight_in(h) == most -> break
	:: else -> h = (h + 1) % NETWORKS
	od
}

/* The heaviest source from `first` to `last`, or one of them. */
inline find_source(first, last) {
	most = 0;
	for (i : first .. last) {
		most = (weight(i) > most -> weight(i) : most)
	}
	v = first;
	do
	:: v < last -> v++
	:: break
	od;
	do
	:: weight(v) == most -> break
	:: else -> v = (v == last -> first : v + 1)
	od
}

#define FREE 0
#define SPARE_SLOT 1
#define LIGHTER 2
#define OWN 3
#define WAIT 4

/* Which network would pay, and what both weigh where they part. */
inline walk() {
#ifdef FAULT_ONE_LEVEL
	find_source(0, SOURCES - 1);
	h = network_of(v);
	parts = (v != s);
	own = own_weight(s);
	paid = weight(v);
	paid_live = live_weight(v);
	most_own = most_weight(s)
#else
	find_network();
	find_source(2 * h, 2 * h + 1);
	parts = (v != s);
	if
	:: h != network_of(s) ->
		own = both(own_weight, network_of(s));
		most_own = both(most_weight, network_of(s));
		paid = weight_in(h);
		paid_live = live_weight_in(h)
	:: else ->
		own = own_weight(s);
		most_own = most_weight(s);
		paid = weight(v);
		paid_live = live_weight(v)
	fi
#endif
}

#define may_take_spare (all_held < SLOTS + SPARE + lent)
#ifdef FAULT_LENT_FOR_EVER
#define may_evict (live(v) > 0)
#else
#define may_evict (live(v) > 0 && all_killed < SLOTS)
#endif

/* Whoever waits has the free one. */
#ifdef FAULT_CUT_WHILE_FREE
#define no_slot_is_free true
#else
#define no_slot_is_free (all_held >= SLOTS)
#endif

inline decide() {
	reason = WAIT;
	if
#ifdef FAULT_NO_QUEUE
	:: has_room(s) -> reason = FREE
#else
	:: has_room(s) && all_waiting == 0 -> reason = FREE
#endif
	:: else ->
		walk();
		if
#ifdef FAULT_SPARE_FOR_ALL
		:: all_held > 0 && parts && may_take_spare ->
			reason = SPARE_SLOT
#endif
		:: all_held > 0 && parts && is_lighter ->
			if
			:: may_take_spare -> reason = SPARE_SLOT
			:: !may_take_spare && may_evict -> reason = LIGHTER
			:: else
			fi
		:: all_held > 0 && !parts && no_slot_is_free && may_evict &&
		   lagging[v] > 0 && killed[v] == 0 ->
			if
			:: reason = OWN
			:: skip
			fi
		:: else
		fi
	fi
}

/* --- What is claimed of a decision ---------------------------------------- */

/* When one has paid, whatever it weighed, and the newcomer is there. */
#ifdef FAULT_NO_THRESHOLD
#define is_claimed_lighter true
#else
#define is_claimed_lighter (paid_live >= most_own + 1 + HEAVY)
#endif

inline check_victim() {
	assert(live(v) > 0);
	for (i : 0 .. NETWORKS - 1) {
		assert(live_weight_in(i) <= live_weight_in(h))
	}
	for (i : 2 * h .. 2 * h + 1) {
		assert(live_weight(i) <= live_weight(v))
	}
}

/* No other network, and no other source of its own, is so much heavier. */
inline check_wait() {
	for (i : 0 .. NETWORKS - 1) {
		assert(all_killed >= SLOTS || i == network_of(s) ||
		    live_weight_in(i) <= both(most_weight, network_of(s)) +
		    HEAVY || live_weight_in(i) <= live_weight_in(network_of(s)))
	}
	for (i : 2 * h .. 2 * h + 1) {
		assert(all_killed >= SLOTS || h != network_of(s) ||
		    live_weight(i) <= most_weight(s) + HEAVY ||
		    live_weight(i) <= live_weight(s))
	}
}

inline check_decision() {
	if
	:: reason == FREE ->
		assert(all_waiting == 0 && has_room(s));
		/* One source alone cannot hold what is lent for it. */
		assert(all_held < SLOTS || killed[s] <= HEAVY)
	:: reason == SPARE_SLOT -> assert(is_claimed_lighter)
	:: reason == LIGHTER ->
		check_victim();
		assert(is_claimed_lighter)
	:: reason == OWN ->
		check_victim();
		assert(v == s && all_held >= SLOTS)
	:: reason == WAIT ->
		assert(!has_room(s) || all_waiting > 0);
		check_wait()
	fi
}

/* --- Waiting ------------------------------------------------------------- */

/* The network, then the source, with the greatest claim of those that wait. */
inline give_up() {
	most = 0;
	for (i : 0 .. NETWORKS - 1) {
		most = (waits_in(i) > 0 && claim_in(i) > most ->
		    claim_in(i) : most)
	}
	select (h : 0 .. NETWORKS - 1);
	do
	:: waits_in(h) > 0 && claim_in(h) == most -> break
	:: else -> h = (h + 1) % NETWORKS
	od;
	v = 2 * h;
	if
	:: waiting[v] == 0 || (waiting[v + 1] > 0 &&
	   claim(v + 1) > claim(v)) -> v = v + 1
	:: waiting[v] > 0 && waiting[v + 1] > 0 &&
	   claim(v + 1) == claim(v) -> v = v + 1
	:: waiting[v] > 0 && (waiting[v + 1] == 0 ||
	   claim(v + 1) <= claim(v))
	fi;
	/* Not while a heavier network waits as well. */
	for (i : 0 .. NETWORKS - 1) {
		assert(waits_in(i) == 0 || claim_in(i) <= claim_in(h))
	}
	waiting[v]--;
	all_waiting--
}

inline wait_for_slot() {
	waiting[s]++;
	all_waiting++;
	if
	:: all_waiting > MOST_WAITING -> give_up()
	:: else
	fi
}

/* The lightest network, then source; those that wait do not count. */
inline serve_first() {
	most = 255;
	for (i : 0 .. NETWORKS - 1) {
		most = (waits_in(i) > 0 && own_weight_in(i) < most ->
		    own_weight_in(i) : most)
	}
	select (h : 0 .. NETWORKS - 1);
	do
	:: waits_in(h) > 0 && own_weight_in(h) == most -> break
	:: else -> h = (h + 1) % NETWORKS
	od;
	v = 2 * h;
	if
	:: waiting[v] == 0 || (waiting[v + 1] > 0 &&
	   own_weight(v + 1) < own_weight(v)) -> v = v + 1
	:: waiting[v] > 0 && waiting[v + 1] > 0 &&
	   own_weight(v + 1) == own_weight(v) -> v = v + 1
	:: waiting[v] > 0 && (waiting[v + 1] == 0 ||
	   own_weight(v + 1) >= own_weight(v))
	fi;
	if
	:: has_room(v) ->
		waiting[v]--;
		all_waiting--;
		enter(v)
	:: else
	fi
}

/* --- The server ---------------------------------------------------------- */

/* Sources and networks differ in nothing but what they hold: put in order, so
 * that states are one that differ in no more than that. */
#define packed(s) \
	((((unseen[s] * 12 + proven[s]) * 12 + lagging[s]) * 12 + \
	    killed[s]) * 4 + waiting[s])
#define swap(array, a, b) i = array[a]; array[a] = array[b]; array[b] = i
#define swap_all(a, b) \
	swap(unseen, a, b); swap(proven, a, b); swap(lagging, a, b); \
	swap(killed, a, b); swap(waiting, a, b)

inline put_in_order() {
	for (h : 0 .. NETWORKS - 1) {
		if
		:: packed(2 * h) > packed(2 * h + 1) ->
			swap_all(2 * h, 2 * h + 1)
		:: else
		fi
	}
	for (v : 1 .. NETWORKS - 1) {
		for (h : 0 .. NETWORKS - 1 - v) {
			if
			:: packed(2 * h) > packed(2 * h + 2) ||
			   (packed(2 * h) == packed(2 * h + 2) &&
			    packed(2 * h + 1) > packed(2 * h + 3)) ->
				swap_all(2 * h, 2 * h + 2);
				swap_all(2 * h + 1, 2 * h + 3)
			:: else
			fi
		}
	}
}

inline check_at_rest() {
	d_step {
		assert(all_held <= SLOTS + SPARE + lent);
		assert(all_waiting <= MOST_WAITING);
		put_in_order();
		s = 0; h = 0; v = 0; i = 0; most = 0; own = 0; paid = 0;
		most_own = 0; paid_live = 0; parts = false; reason = 0
	}
}

active proctype Server() {
	byte s, h, v, i, most, own, paid, most_own, paid_live, reason;
	bool parts;

again:	do
	/* One comes. */
	:: atomic {
		select (s : 0 .. SOURCES - 1);
		decide();
		check_decision();
		if
		:: reason == WAIT ->
			wait_for_slot(); check_at_rest(); goto progress
		:: reason == OWN ->
			kill(v); enter(s); check_at_rest(); goto progress
		:: reason == LIGHTER -> kill(v); enter(s); check_at_rest()
		:: else -> enter(s); check_at_rest()
		fi
	   }
	/* A slot is free. */
	:: atomic {
		all_held < SLOTS + lent && all_waiting > 0 ->
		own = all_waiting;
		serve_first();
		if
		:: all_waiting < own -> check_at_rest()
		/* It is not free for the first of those that wait. */
		:: else -> check_at_rest(); goto progress
		fi
	   }
	/* A killed one is reaped. */
	:: atomic {
		all_killed > 0 ->
		select (s : 0 .. SOURCES - 1);
		do
		:: killed[s] > 0 -> break
		:: else -> s = (s + 1) % SOURCES
		od;
		killed[s]--; all_killed--; all_held--;
		check_at_rest()
	   }
	/* One ends, gives up waiting, is looked at, or killed at a deadline. */
	:: atomic {
		select (s : 0 .. SOURCES - 1);
		if
		:: unseen[s] > 0 -> unseen[s]--; all_held--
		:: proven[s] > 0 -> proven[s]--; all_held--
		:: lagging[s] > 0 -> lagging[s]--; all_held--
		:: waiting[s] > 0 -> waiting[s]--; all_waiting--
		:: unseen[s] > 0 -> unseen[s]--; proven[s]++
		:: unseen[s] > 0 -> unseen[s]--; lagging[s]++
		:: proven[s] > 0 -> proven[s]--; lagging[s]++
		:: lagging[s] > 0 -> lagging[s]--; proven[s]++
		:: live(s) > 0 -> kill(s)
		:: else
		fi;
		check_at_rest();
		goto progress
	   }
	od;
progress:
	skip;
	goto again
}
