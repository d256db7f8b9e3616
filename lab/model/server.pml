/* SPDX-License-Identifier: MIT */
/*
 * The processes of the server, and what passes between them: a parent that
 * admits, forks, evicts and collects; children that end when they like; a lot
 * that keeps idle connections, and may die.
 *
 * A child is entered in the table before the fork, which may fail.  Who is
 * evicted loses the slot at once, and stays in the table until collected.
 * However many children end, one flag says so until it is read.  Whether
 * somebody is evicted, and who, is left open: every choice is tried.
 *
 * Claims
 *   at rest         the slots in use are the live entries, and no more than
 *                   there are; every connection accepted is closed, or is
 *                   where somebody will act on it
 *   in the end      when nothing can happen any more: every slot and entry is
 *                   free, every child collected, every connection closed, and
 *                   there is a lot
 *   there is an end no run goes in circles (searched for with -DNP)
 * The last two together: without any fairness among the processes, every
 * connection is closed and every child is collected.
 *
 * With -DENDLESS connections come for ever, and one child is followed: it is
 * collected (`collected`), if the processes are weakly fair.
 *
 * Faults to be found
 *   -DFAULT_ONE_WAITPID       one waitpid(2) for each signal read
 *   -DFAULT_CHECK_THEN_SLEEP  a flag is tested, and then one sleeps
 *   -DFAULT_NO_UNDO           a slot is counted before the fork, for good
 */

#ifndef SLOTS
#define SLOTS 3
#endif
/* Entries for those that are evicted and not yet collected. */
#ifndef SPARE
#define SPARE 1
#endif
#define ENTRIES (SLOTS + SPARE)
/* How many come in all. */
#ifndef CONNECTIONS
#define CONNECTIONS 4
#endif
/* How many connections the lot has room for. */
#ifndef PARKED
#define PARKED 1
#endif
/* How often a connection may come to the lot: its deadline, in other words. */
#ifndef PASSES
#define PASSES 1
#endif
#ifndef LOT_DEATHS
#define LOT_DEATHS 1
#endif
#ifndef LOT_FORK_FAILURES
#define LOT_FORK_FAILURES 1
#endif

/*
 * A connection is known by how often it has come to the lot, and one.  They
 * differ in nothing else, so that who is who is not kept.
 */
#define NOBODY 0
#define NEW 1
#define may_pass(connection) (connection <= PASSES)

/* --- What the kernel knows ----------------------------------------------- */

/* The process of an entry, what it serves, whether its lot still lives. */
#define NONE 0
#define RUNS 1
#define ZOMBIE 2
byte process[ENTRIES];
byte serves[ENTRIES];
bool has_lot[ENTRIES];

/* The lot, and what it holds: how many of each kind. */
byte lot = RUNS;
byte at_lot[PASSES + 2];
byte parked;
byte lot_deaths;

/* The sockets on which descriptors pass; no end of them ever blocks. */
chan to_lot = [1] of { byte };
chan to_parent = [1] of { byte };

/* Pending: one flag, however many have ended. */
bool sigchld;
#ifdef FAULT_CHECK_THEN_SLEEP
/* A handler sets `sigchld`; it ends a sleep only if there is one. */
bool asleep, woken;
#endif

#ifdef ENDLESS
#define has_arrived true
#else
/* How many have been accepted, and closed. */
byte accepted, closed;
#define has_arrived (accepted < CONNECTIONS)
#endif

/* --- What the parent knows ----------------------------------------------- */

#define FREE 0
#define ENTERED 1
#define LIVE 2
#define EVICTED 3
byte entry[ENTRIES];
/* The slots in use. */
byte used;
/* The connection in its hands. */
byte held;
/* There is no lot, and the time to try again has come. */
bool lot_due;
byte lot_fork_failures;

/* --- What can be asked of them ------------------------------------------- */

#if ENTRIES == 2
#define any(array, state) (array[0] == state || array[1] == state)
#elif ENTRIES == 3
#define any(array, state) \
	(array[0] == state || array[1] == state || array[2] == state)
#elif ENTRIES == 4
#define any(array, state) (array[0] == state || array[1] == state || \
	array[2] == state || array[3] == state)
#elif ENTRIES == 5
#define any(array, state) (array[0] == state || array[1] == state || \
	array[2] == state || array[3] == state || array[4] == state)
#endif
#define some_ended (lot == ZOMBIE || any(process, ZOMBIE))
/* Nobody is let in before there is an entry: the queues wait. */
#define may_accept (has_arrived && any(entry, FREE))
#define may_resume (len(to_parent) > 0 && any(entry, FREE))

inline close_connection() {
#ifdef ENDLESS
	skip
#else
	closed++
#endif
}

inline signal_parent() {
	sigchld = true;
#ifdef FAULT_CHECK_THEN_SLEEP
	if
	:: asleep -> woken = true
	:: else
	fi
#endif
}

/* --- Children ------------------------------------------------------------ */

/* Evicted or not: until SIGKILL arrives it may do anything. */
active [ENTRIES] proctype Child() {
	byte me = _pid;

end:	do
	:: atomic {
		process[me] == RUNS ->
		if
		:: serves[me] != NOBODY -> close_connection()
		:: else
		fi;
		serves[me] = NOBODY;
		has_lot[me] = false;
		process[me] = ZOMBIE;
		signal_parent()
	   }
	/* Parks; where it cannot, it closes and ends as above. */
	:: atomic {
		process[me] == RUNS && serves[me] != NOBODY && has_lot[me] &&
		may_pass(serves[me]) && len(to_lot) == 0 ->
		to_lot!serves[me] + 1;
		serves[me] = NOBODY
	   }
	od
}

/* --- The lot ------------------------------------------------------------- */

inline pick_parked() {
	select (c : 2 .. PASSES + 1);
	do
	:: at_lot[c] == 0 -> c = (c == PASSES + 1 -> 2 : c + 1)
	:: at_lot[c] > 0 -> break
	od
}

active proctype Lot() {
	byte c, n;

end:	do
	/* Takes one.  If there is no room, it goes, or another. */
	:: atomic {
		lot == RUNS && len(to_lot) > 0 ->
		if
		:: parked < PARKED ->
			to_lot?c; at_lot[c]++; parked++
		:: parked == PARKED ->
			to_lot?c; close_connection()
		:: parked == PARKED ->
			pick_parked();
			at_lot[c]--; close_connection();
			to_lot?c; at_lot[c]++
		fi;
		c = 0
	   }
	/* One has bytes to read: back to the parent.  Or its time is over. */
	:: atomic {
		lot == RUNS && parked > 0 ->
		pick_parked();
		at_lot[c]--; parked--;
		if
		:: len(to_parent) == 0 -> to_parent!c
		:: close_connection()
		fi;
		c = 0
	   }
	/* Dies, and with it its sockets and what waited in them for it. */
	:: atomic {
		lot == RUNS && lot_deaths < LOT_DEATHS ->
		lot_deaths++;
		for (n : 0 .. ENTRIES - 1) {
			has_lot[n] = false
		}
		for (n : 2 .. PASSES + 1) {
			do
			:: at_lot[n] > 0 -> at_lot[n]--; close_connection()
			:: at_lot[n] == 0 -> break
			od
		}
		do
		:: len(to_lot) > 0 -> to_lot?c; close_connection()
		:: len(to_lot) == 0 -> break
		od;
		parked = 0; c = 0; n = 0;
		lot = ZOMBIE;
		signal_parent()
	   }
	od
}

/* --- The parent ---------------------------------------------------------- */

/* Entry first, */
inline enter() {
	e = 0;
	do
	:: entry[e] != FREE -> e++
	:: else -> break
	od;
	entry[e] = ENTERED;
	used++
}

/* then the fork, if there is an entry for it; undone if that fails. */
inline start_child() {
	if
	:: entry[e] != ENTERED
	:: entry[e] == ENTERED ->
		process[e] = RUNS;
		serves[e] = held;
		has_lot[e] = (lot == RUNS);
		held = NOBODY;
		entry[e] = LIVE
	:: entry[e] == ENTERED ->
		entry[e] = FREE;
#ifndef FAULT_NO_UNDO
		used--
#endif
	fi;
	e = 0
}

/* Any live child: killed, and its slot is free at once. */
inline evict() {
	select (e : 0 .. ENTRIES - 1);
	do
	:: entry[e] != LIVE -> e = (e + 1) % ENTRIES
	:: entry[e] == LIVE -> break
	od;
	/* Not collected, so that its number is still its own. */
	assert(process[e] != NONE);
	entry[e] = EVICTED;
	used--
}

/* Never waits; nothing is done if there is no lot, or no room on the way. */
inline hand_to_lot() {
	if
	:: lot == RUNS && len(to_lot) == 0 && may_pass(held) ->
		to_lot!held + 1;
		held = NOBODY
	:: else
	fi
}

/*
 * A connection is held: served, in place of another or not; or handed to the
 * lot, since it says nothing or does not get in; or refused.
 */
inline decide() {
	if
	:: used < SLOTS -> enter()
	:: any(entry, LIVE) -> evict(); enter()
	:: hand_to_lot()
	:: skip
	fi
}

/* What has not been passed on is closed. */
inline carry_out() {
	atomic {
		start_child();
		if
		:: held != NOBODY -> held = NOBODY; close_connection()
		:: else
		fi
	}
}

inline take_new() {
	held = NEW;
#ifndef ENDLESS
	accepted++
#endif
}

inline start_lot() {
	if
	:: lot = RUNS; lot_due = false
	:: lot_fork_failures < LOT_FORK_FAILURES ->
		lot_fork_failures++;
		lot_due = true
	fi
}

/* What the dead lot had sent is dropped with its socket. */
inline bury_lot() {
	lot = NONE;
	do
	:: len(to_parent) > 0 -> to_parent?c; close_connection()
	:: len(to_parent) == 0 -> break
	od;
	c = 0;
	start_lot()
}

inline bury_child() {
	select (e : 0 .. ENTRIES - 1);
	do
	:: process[e] != ZOMBIE -> e = (e + 1) % ENTRIES
	:: process[e] == ZOMBIE -> break
	od;
	assert(entry[e] == LIVE || entry[e] == EVICTED);
	process[e] = NONE;
	if
	:: entry[e] == LIVE -> used--
	:: else
	fi;
	entry[e] = FREE;
	e = 0
}

/* waitpid(2) for any of those that have ended. */
inline wait_for_one() {
	atomic {
		if
		:: lot == ZOMBIE -> bury_lot()
		:: any(process, ZOMBIE) -> bury_child()
		fi
	}
}

/* Reads the signals that are pending, and collects until there is nobody. */
inline collect() {
	sigchld = false;
#ifdef FAULT_ONE_WAITPID
	if
	:: some_ended -> wait_for_one()
	:: else
	fi
#else
	do
	:: some_ended -> wait_for_one()
	:: else -> break
	od
#endif
}

/*
 * Entries differ in nothing but their contents: put in order, so that states
 * are one that differ in no more than that.
 */
#define weight(n) \
	(((entry[n] * 4 + process[n]) * 8 + serves[n]) * 2 + has_lot[n])
#define swap(array) c = array[e]; array[e] = array[e + 1]; array[e + 1] = c

inline put_in_order() {
	for (n : 1 .. ENTRIES - 1) {
		for (e : 0 .. ENTRIES - 1 - n) {
			if
			:: weight(e) > weight(e + 1) ->
				swap(entry);
				swap(process);
				swap(serves);
				swap(has_lot)
			:: else
			fi
		}
	}
	c = 0
}

inline check_at_rest() {
	d_step {
		n = 0;
		for (e : 0 .. ENTRIES - 1) {
			n = n + (entry[e] == LIVE)
		}
		assert(used == n && used <= SLOTS);
#ifndef ENDLESS
		n = closed + parked + len(to_lot) + len(to_parent);
		for (e : 0 .. ENTRIES - 1) {
			n = n + (serves[e] != NOBODY)
		}
		assert(held == NOBODY && n == accepted);
		put_in_order();
#endif
		e = 0; n = 0
	}
}

active proctype Parent() {
	byte e, c, n;

#if defined(FAULT_CHECK_THEN_SLEEP)
end:	do
	:: if
	   :: sigchld -> collect()
	   :: else
	   fi;
	   /* Here a child may end: its signal ends no sleep. */
	   atomic { asleep = true; woken = false }
end_asleep:
	   if
	   :: atomic { woken -> asleep = false }
	   :: atomic { may_accept -> asleep = false; take_new(); decide() }
	      carry_out()
	   :: atomic {
		may_resume -> asleep = false; to_parent?held; decide()
	      }
	      carry_out()
	   :: atomic { lot_due -> asleep = false; start_lot() }
	   fi;
	   check_at_rest()
	od
#elif defined(ENDLESS)
	/* In rounds, as the poller tells: whatever is ready has its turn. */
end:	do
	:: sigchld || may_accept || may_resume || lot_due ->
	   if
	   :: sigchld -> collect()
	   :: else
	   fi;
	   if
	   :: atomic { may_accept -> take_new(); decide() }
	      carry_out()
	   :: true
	   fi;
	   if
	   :: atomic { may_resume -> to_parent?held; decide() }
	      carry_out()
	   :: else
	   fi;
	   if
	   :: atomic { lot_due -> start_lot() }
	   :: else
	   fi;
	   check_at_rest()
	od
#else
	/* In any order. */
end:	do
	:: sigchld -> collect(); check_at_rest()
	:: atomic { may_accept -> take_new(); decide() }
	   carry_out();
	   check_at_rest()
	:: atomic { may_resume -> to_parent?held; decide() }
	   carry_out();
	   check_at_rest()
	:: atomic { lot_due -> start_lot() }
	   check_at_rest()
	od
#endif
}

/* --- In the end ---------------------------------------------------------- */

#ifdef ENDLESS
ltl collected { [] (process[0] == ZOMBIE -> <> (process[0] != ZOMBIE)) }
#else
active proctype End() {
	byte n;

end:	atomic {
		timeout ->
		for (n : 0 .. ENTRIES - 1) {
			assert(entry[n] == FREE && process[n] == NONE)
		}
		assert(used == 0 && closed == CONNECTIONS);
		assert(lot == RUNS && !lot_due)
	}
}
#endif
