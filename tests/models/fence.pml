/* Why announce() and sleep() have full fences: they store to one place and then load from another.
 *
 * One goroutine is pushed while a worker that has found nothing so far either goes to sleep or starts on something
 * else while a second worker sleeps. Stores go through a buffer, first in first out, that memory takes from at any
 * time, while loads go to memory at once: what x86 does (and the least that other processors do).
 *
 * Checked: in the end the goroutine has been seen by the worker that went to sleep, or a sleeping worker was woken.
 * Left out: everything else (parking.pml). Nobody loads here what it has stored itself, so a load need not look into
 * the buffer. With -DLOCKED the counters are changed by locked instructions, as atomic additions are on x86: these
 * empty the buffer by themselves, so there the workers' fences cost nothing and only announce()'s is indispensable.
 * C++ does not promise that much: a relaxed load may be done before a sequentially consistent addition in front of it.
 * Parking has the same handshake between sleep() and timer_armed().
 *
 * check:
 * check: -DLOCKED
 * wrong: WRONG_NO_FENCE_IN_ANNOUNCE -DLOCKED
 */

#define QUEUE 0      /* size of the queue */
#define SLEEPING 1   /* sleeping_ */
#define SEARCHING 2  /* searching_ */
byte memory[3];
chan stores_0 = [2] of { byte, byte }; /* the pusher's buffer: where, what */
chan stores_1 = [2] of { byte, byte }; /* the worker's */
bool asleep, woken, second_sleeps;

proctype pusher() {
    stores_0 ! QUEUE, 1;                       /* run_queue.h: push */
#ifndef WRONG_NO_FENCE_IN_ANNOUNCE
    empty(stores_0);                           /* parking.h: announce: the fence */
#endif
    if
    :: memory[SEARCHING] == 0 ->
        if
        :: memory[SLEEPING] > 0 -> woken = true /* parking.h: pass_search */
        :: else -> skip
        fi
    :: else -> skip
    fi
}

#ifdef LOCKED
#define SET(place, value) atomic { empty(stores_1); memory[place] = value }
#else
#define SET(place, value) stores_1 ! place, value
#endif

proctype worker() {
    if
    :: memory[QUEUE] > 0 && !second_sleeps -> goto found /* scheduler.cpp: find_work */
    :: memory[QUEUE] == 0 && !second_sleeps -> /* parking.h: sleep */
        SET(SLEEPING, 1);
        SET(SEARCHING, 0);
#if !defined(WRONG_NO_FENCE_IN_SLEEP) && !defined(LOCKED)
        empty(stores_1);                       /* the fence */
#endif
        if
        :: memory[QUEUE] > 0 -> skip
        :: else -> asleep = true
        fi
    :: second_sleeps ->                        /* parking.h: end_search */
        SET(SEARCHING, 0);
#if !defined(WRONG_NO_FENCE_AFTER_SEARCH) && !defined(LOCKED)
        empty(stores_1);                       /* the fence */
#endif
        if
        :: memory[QUEUE] > 0 -> woken = true   /* scheduler.cpp: find_work, announce */
        :: else -> skip
        fi
    fi;
found:
    skip
}

/* Memory takes the stores, those of one buffer in their order. */
active proctype taker() {
    byte place, value;
end:
    do
    :: d_step { stores_0 ? place, value -> memory[place] = value; place = 0; value = 0 }
    :: d_step { stores_1 ? place, value -> memory[place] = value; place = 0; value = 0 }
    od
}

init {
    atomic {
        memory[SEARCHING] = 1;
        if
        :: second_sleeps = true; memory[SLEEPING] = 1
        :: second_sleeps = false
        fi;
        run pusher();
        run worker()
    };
    timeout;
    assert(memory[QUEUE] == 1);
    assert(!asleep || woken);
    assert(!second_sleeps || woken)
}
