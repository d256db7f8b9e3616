/* SPDX-License-Identifier: MIT */
/*
 * The processes of the server: a parent that admits, parks, lets wait, forks,
 * evicts and reaps; children that end when they like.
 *
 * A child is entered in the table before the fork, which may fail.  A killed
 * child keeps its entry, and so its slot, until it is reaped; one more slot is
 * lent meanwhile.  However many children end, one flag says so until it is
 * read.  A child parks by its exit status, and the parent keeps the connection.
 * Whether a newcomer is lighter, and which connection is evicted or gives up,
 * is left open: every choice is tried.
 *
 * Claims
 *   at rest         the slots held are the entries that are taken, no more than
 *                   slots, spare and lent ones; every connection accepted is
 *                   closed, or is where somebody will act on it; nobody waits
 *                   while a slot is free, unless forks fail
 *   in the end      when nothing can happen any more: every entry is free,
 *                   every child reaped, every connection closed
 *   there is an end no run goes in circles (searched for with -DNP)
 * The last two together: without any fairness among the processes, every
 * connection is served or refused and closed, and every child is reaped.
 *
 * With -DENDLESS connections come for ever, and one child is followed: it is
 * reaped (`reaped`), if the processes are weakly fair.
 *
 * Faults to be found
 *   -DFAULT_ONE_WAITPID       one waitpid(2) for each signal read
 *   -DFAULT_CHECK_THEN_SLEEP  a flag is tested, and then one sleeps
 *   -DFAULT_NO_UNDO           an entry stays when the fork has failed
 *   -DFAULT_FREED_AT_KILL     a killed child's slot is free before it is reaped
 *   -DFAULT_NO_FILL           a slot that falls free is left to newcomers
 *   -DFAULT_PARKED_IS_CLOSED  a parked connection is forgotten with its child
 */

#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef SPARE
#define SPARE 1
#endif
/* Slots that are lent for killed children, at most. */
#ifndef LENT
#define LENT 1
#endif
#define ENTRIES (SLOTS + SPARE + LENT)
/* How many come in all. */
#ifndef CONNECTIONS
#define CONNECTIONS 4
#endif
#ifndef MOST_PARKED
#define MOST_PARKED 1
#endif
#ifndef MOST_WAITING
#define MOST_WAITING 1
#endif
/* How often a connection may be parked: its deadline, in other words. */
#ifndef PASSES
#define PASSES 1
#endif

/*
 * A connection is known by how often it has been parked, and one.  They differ
 * in nothing else, so that who is who is not kept.
 */
#define NOBODY 0
#define NEW 1
#define may_pass(connection) (connection <= PASSES)

/* --- What the kernel knows ----------------------------------------------- */

/* The process of an entry, and how it has ended. */
#define NONE 0
#define RUNS 1
#define CLOSED 2
#define PARKED 3
byte process[ENTRIES];

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
#define KILLED 3
byte entry[ENTRIES];
byte serves[ENTRIES];
/* The slots held, and how many of them by killed children. */
byte held, killed;
/* Connections without a child: how many of each kind. */
byte parked[PASSES + 2];
byte waiting[PASSES + 2];
byte all_parked, all_waiting;
/* The connection in its hands. */
byte taken;
/* A fork has failed: no more are tried before a time has come. */
bool is_paused;

#define lent (killed < LENT -> killed : LENT)
#define has_room (held < SLOTS + lent)

/* --- What can be asked of them ------------------------------------------- */

#if ENTRIES == 3
#define any(array, state) \
	(array[0] == state || array[1] == state || array[2] == state)
#elif ENTRIES == 4
#define any(array, state) (array[0] == state || array[1] == state || \
	array[2] == state || array[3] == state)
#elif ENTRIES == 5
#define any(array, state) (array[0] == state || array[1] == state || \
	array[2] == state || array[3] == state || array[4] == state)
#elif ENTRIES == 6
#define any(array, state) (array[0] == state || array[1] == state || \
	array[2] == state || array[3] == state || array[4] == state || \
	array[5] == state)
#endif
#define some_ended (any(process, CLOSED) || any(process, PARKED))
#define may_accept (has_arrived && !is_paused)

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

/* Killed or not: until SIGKILL arrives it may do anything. */
active [ENTRIES] proctype Child() {
	byte me = _pid;

end:	do
	:: atomic {
		process[me] == RUNS ->
		if
		:: process[me] = CLOSED
		:: process[me] = PARKED
		fi;
		signal_parent()
	   }
	od
}

/* --- The parent ---------------------------------------------------------- */

/* Entry first, */
inline enter() {
	e = 0;
	do
	:: e < ENTRIES && entry[e] != FREE -> e++
	:: else -> break
	od;
	/* The table has room for all that may hold slots. */
	assert(e < ENTRIES);
	entry[e] = ENTERED;
	held++
}

/* Any live child: killed, and its slot is its own until it is reaped. */
inline kill() {
	select (n : 0 .. ENTRIES - 1);
	do
	:: entry[n] != LIVE -> n = (n + 1) % ENTRIES
	:: entry[n] == LIVE -> break
	od;
	/* Not reaped, so that its number is still its own. */
	assert(process[n] != NONE);
	entry[n] = KILLED;
	killed++;
#ifdef FAULT_FREED_AT_KILL
	held--;
#endif
	n = 0
}

/* then the fork, undone if that fails; and only then somebody is evicted. */
inline serve(evicts) {
	enter();
	if
	:: process[e] = RUNS;
	   serves[e] = taken;
	   if
	   :: evicts -> kill()
	   :: else
	   fi;
	   entry[e] = LIVE
	:: close_connection();
	   is_paused = true;
#ifndef FAULT_NO_UNDO
	   entry[e] = FREE;
	   held--
#endif
	fi;
	taken = NOBODY;
	e = 0
}

/* Takes one of any kind that is there out of an array. */
#define pick(array) \
	select (c : 1 .. PASSES + 1); \
	do \
	:: array[c] == 0 -> c = (c == PASSES + 1 -> 1 : c + 1) \
	:: array[c] > 0 -> break \
	od; \
	array[c]--

/* One too many: it gives up, or another. */
inline wait_for_slot() {
	waiting[taken]++;
	taken = NOBODY;
	if
	:: all_waiting == MOST_WAITING -> pick(waiting); close_connection()
	:: else -> all_waiting++
	fi;
	c = 0
}

/* Its room is made by closing another. */
inline park() {
	if
	:: all_parked == MOST_PARKED -> pick(parked); close_connection()
	:: else -> all_parked++
	fi;
	parked[taken + 1]++;
	taken = NOBODY;
	c = 0
}

/* A connection is taken: it is served, waits, or is refused for its limit. */
inline admit() {
	if
	:: has_room && all_waiting == 0 -> serve(false)
	:: !(has_room && all_waiting == 0) ->
		if
		/* It is lighter. */
		:: held < SLOTS + SPARE + lent -> serve(false)
		:: any(entry, LIVE) && killed < LENT -> serve(true)
		:: wait_for_slot()
		fi
	:: close_connection(); taken = NOBODY
	fi
}

/* New: it may say nothing yet, or have gone. */
inline accept_one() {
	taken = NEW;
#ifndef ENDLESS
	accepted++;
#endif
	if
	:: admit()
	:: may_pass(taken) -> park()
	fi
}

/* The client of a parked one has sent something, or it is over. */
inline attend_parked() {
	pick(parked);
	all_parked--;
	taken = c;
	c = 0;
	if
	:: admit()
	:: close_connection(); taken = NOBODY
	fi
}

/* Waited too long, or its client has gone; or it is lighter by now. */
inline attend_waiting() {
	pick(waiting);
	all_waiting--;
	taken = c;
	c = 0;
	if
	:: close_connection(); taken = NOBODY
	:: held < SLOTS + SPARE + lent && !is_paused -> serve(false)
	:: any(entry, LIVE) && killed < LENT && !is_paused -> serve(true)
	fi
}

/* A connection continues as the exit status of its child says. */
inline reap() {
	select (e : 0 .. ENTRIES - 1);
	do
	:: process[e] != CLOSED && process[e] != PARKED ->
		e = (e + 1) % ENTRIES
	:: else -> break
	od;
	assert(entry[e] == LIVE || entry[e] == KILLED);
	taken = serves[e];
	n = (entry[e] == LIVE && process[e] == PARKED && may_pass(taken));
#ifndef FAULT_FREED_AT_KILL
	held--;
#else
	held = held - (entry[e] == LIVE);
#endif
	killed = killed - (entry[e] == KILLED);
	process[e] = NONE;
	serves[e] = NOBODY;
	entry[e] = FREE;
	e = 0;
	if
#ifdef FAULT_PARKED_IS_CLOSED
	:: n == 1 -> taken = NOBODY
#else
	:: n == 1 -> park()
#endif
	:: else -> close_connection(); taken = NOBODY
	fi;
	n = 0
}

/* Reads the signals that are pending, and reaps until there is nobody. */
inline collect() {
	sigchld = false;
#ifdef FAULT_ONE_WAITPID
	if
	:: some_ended -> atomic { reap() }
	:: else
	fi
#else
	do
	:: some_ended -> atomic { reap() }
	:: else -> break
	od
#endif
}

/* Slots that are free go to those that wait: at the end of each round. */
inline fill() {
#ifndef FAULT_NO_FILL
	do
	:: has_room && all_waiting > 0 && !is_paused ->
		pick(waiting);
		all_waiting--;
		taken = c;
		c = 0;
		serve(false)
	:: else -> break
	od
#else
	skip
#endif
}

/*
 * Entries differ in nothing but their contents: put in order, so that states
 * are one that differ in no more than that.
 */
#define weight(n) ((entry[n] * 4 + process[n]) * 8 + serves[n])
#define swap(array) c = array[e]; array[e] = array[e + 1]; array[e + 1] = c

inline put_in_order() {
	for (n : 1 .. ENTRIES - 1) {
		for (e : 0 .. ENTRIES - 1 - n) {
			if
			:: weight(e) > weight(e + 1) ->
				swap(entry);
				swap(process);
				swap(serves)
			:: else
			fi
		}
	}
	c = 0
}

inline check_at_rest() {
	d_step {
		n = 0;
		c = 0;
		for (e : 0 .. ENTRIES - 1) {
			n = n + (entry[e] != FREE);
			c = c + (entry[e] == KILLED);
			assert((entry[e] == FREE) == (process[e] == NONE))
		}
		assert(killed == c && held == n);
		assert(held <= SLOTS + SPARE + lent);
		assert(!has_room || all_waiting == 0 || is_paused);
#ifndef ENDLESS
		assert(taken == NOBODY &&
		    closed + all_parked + all_waiting + held == accepted);
		put_in_order();
#endif
		e = 0; n = 0; c = 0
	}
}

inline end_round() {
	fill();
	check_at_rest()
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
	   atomic { end_round(); asleep = true; woken = false }
end_asleep:
	   if
	   :: atomic { woken -> asleep = false }
	   :: atomic { may_accept -> asleep = false; accept_one() }
	   :: atomic { all_parked > 0 -> asleep = false; attend_parked() }
	   :: atomic { all_waiting > 0 -> asleep = false; attend_waiting() }
	   :: atomic { is_paused -> asleep = false; is_paused = false }
	   fi
	od
#elif defined(ENDLESS)
	/* In rounds, as the poller tells: whatever is ready has its turn. */
end:	do
	:: sigchld || may_accept || all_parked > 0 || all_waiting > 0 ||
	   is_paused ->
	   if
	   :: sigchld -> collect()
	   :: else
	   fi;
	   if
	   :: atomic { may_accept -> accept_one() }
	   :: atomic { all_parked > 0 -> attend_parked() }
	   :: atomic { all_waiting > 0 -> attend_waiting() }
	   :: atomic { any(entry, LIVE) -> kill() }
	   :: atomic { is_paused -> is_paused = false }
	   :: true
	   fi;
	   atomic { end_round() }
	od
#else
	/* In any order. */
end:	do
	:: sigchld -> collect(); atomic { end_round() }
	:: atomic { may_accept -> accept_one(); end_round() }
	:: atomic { all_parked > 0 -> attend_parked(); end_round() }
	:: atomic { all_waiting > 0 -> attend_waiting(); end_round() }
	/* At a deadline: no newcomer gets its slot. */
	:: atomic { any(entry, LIVE) -> kill(); end_round() }
	:: atomic { is_paused -> is_paused = false; end_round() }
	od
#endif
}

/* --- In the end ---------------------------------------------------------- */

#ifdef ENDLESS
ltl reaped { [] ((process[0] == CLOSED || process[0] == PARKED) ->
	<> (process[0] == NONE || process[0] == RUNS)) }
#else
active proctype End() {
	byte n;

end:	atomic {
		timeout ->
		for (n : 0 .. ENTRIES - 1) {
			assert(entry[n] == FREE && process[n] == NONE)
		}
		assert(held == 0 && killed == 0 && closed == CONNECTIONS)
	}
}
#endif
