/* sync.Mutex, nearly Go's: normal mode and starvation mode over one state word and a semaphore.
 *
 * GOROUTINES goroutines lock and unlock a mutex ROUNDS times each, by Lock or by TryLock. Time is left to chance: at
 * each wake-up a waiter may have waited long enough to starve, at each hand-over the one behind the first may have, and
 * a newcomer may spin as often as it likes.
 *
 * Checked:
 *   - mutual exclusion;
 *   - no lost wake-up: all end, and then the word, the semaphore's counter and its queue are empty;
 *   - in starvation mode nobody overtakes: whoever is first in the queue when the mutex is handed over gets it next;
 *   - the states that Go's code calls inconsistent do not occur.
 * Left out: the table of semaphores (one bucket with one address), Parking and Notified (channel.pml); a waiter is a
 * process that sleeps until it is made ready. Memory is sequentially consistent: the state word is changed by
 * compare-and-swap and addition only; for the semaphore's `counter` against `waiting` see fence.pml.
 *
 * check: -DGOROUTINES=3
 * check: -DGOROUTINES=3 -DROUNDS=2
 * wrong: WRONG_STARVING_TAKEN -DGOROUTINES=3 -DROUNDS=2
 * wrong: WRONG_UNIT_EXPOSED -DGOROUTINES=3 -DROUNDS=2
 * large: -DGOROUTINES=4
 */

#ifndef GOROUTINES
#define GOROUTINES 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif

/* The state word. */
#define LOCKED 1
#define WOKEN 2
#define STARVING 4
#define WAITER 8
#define WAITERS(word) ((word) / WAITER)

byte state;

/* The semaphore. */
byte counter;
byte waiting;                      /* Bucket::waiting */
byte queue[GOROUTINES];            /* goroutines, the oldest first */
byte length;
bool bucket;                       /* Bucket::lock */
bool runnable[GOROUTINES];         /* made ready since it parked */
bool ticket[GOROUTINES] = true;    /* Waiter::ticket: more of them starve; true: another use has left that there */

#define NOBODY 255

/* What is only there to be checked. */
byte inside;                       /* how many hold it */
byte heir = NOBODY;                /* to whom it has been handed over */

/* Compare-and-swap: done tells whether the word was as expected. */
inline swap(expected, new) {
    d_step {
        done = (state == expected);
        if
        :: done -> state = new
        :: else -> skip
        fi
    }
}

inline try_take() {                            /* semaphore.cpp: try_take */
    done = (counter > 0);
    if
    :: done -> counter--
    :: else -> skip
    fi
}

inline push(front) {                           /* semaphore.cpp: push */
    if
    :: front -> for (i : 1 .. length) { queue[length + 1 - i] = queue[length - i] }; queue[0] = me; i = 0
    :: else -> queue[length] = me
    fi;
    length++
}

inline take() {                                /* semaphore.cpp: take */
    if
    :: length > 0 ->
        waiter = queue[0];
        length--;
        for (i : 0 .. length) { queue[i] = (i < length -> queue[i + 1] : 0) };
        i = 0
    :: else -> waiter = NOBODY
    fi
}

/* Parks, if it has to, and goes on with the unit. */
inline semaphore_acquire(front) {              /* semaphore.cpp: semaphore_acquire */
    d_step { try_take() };
    if
    :: done -> skip
    :: !done ->
        d_step { !bucket -> bucket = true; waiting++ };
        d_step {
            try_take();
            if
            :: done -> waiting--
            :: else -> push(front)
            fi;
            bucket = false
        };
        if
        :: done -> skip
        :: !done -> d_step { runnable[me] -> runnable[me] = false }
        fi
    fi
}

/* Under the lock: the first waiter is told whether the one behind it starves, too, which time decides. */
inline take_for_handover() {
    take();
    if
    :: waiter != NOBODY -> waiting--; ticket[waiter] = (length > 0 && late); heir = waiter
    :: else -> counter++
    fi
}

inline semaphore_release() {                   /* semaphore.cpp: release */
    counter++;
    if
    :: waiting == 0 -> skip
    :: waiting > 0 ->
        d_step { !bucket -> bucket = true; try_take() };
        d_step {
            if
            :: done && handover -> take_for_handover()
            :: done && !handover ->
                take();
                if
                :: waiter != NOBODY -> waiting--
                :: else -> counter++
                fi
            :: else -> skip
            fi;
            bucket = false
        }
    fi
}

inline ready_waiter() {
    if
    :: waiter != NOBODY -> d_step { assert(!runnable[waiter]); runnable[waiter] = true; waiter = NOBODY }
    :: else -> skip
    fi
}

inline semaphore_hand_over() {                 /* semaphore.cpp: semaphore_hand_over */
    if
    :: late = true
    :: skip
    fi;
#ifndef WRONG_UNIT_EXPOSED
    d_step { !bucket -> take_for_handover() }
#else /* a newcomer may take the unit that was meant for the first in the queue */
    handover = true;
    if
    :: length > 0 -> heir = queue[0]
    :: else -> skip
    fi;
    semaphore_release();
    handover = false
#endif
}

inline lock_slow() {                           /* sync.cpp: lock_slow; lockSlow in Go's mutex.go */
    old = state;
    do
    :: (old & (LOCKED | STARVING)) == LOCKED ->  /* spins: tells the unlocker that nobody need be woken */
        if
        :: !awoke && !(old & WOKEN) && WAITERS(old) > 0 ->
            swap(old, old | WOKEN);
            awoke = done
        :: else -> skip
        fi;
        old = state
    :: true ->
        new = old;
#ifndef WRONG_STARVING_TAKEN /* overtakes the one that it is being handed to */
        if
        :: !(old & STARVING) -> new = new | LOCKED
        :: else -> skip
        fi;
#else
        new = new | LOCKED;
#endif
        if
        :: old & (LOCKED | STARVING) -> new = new + WAITER
        :: else -> skip
        fi;
        if
#ifndef WRONG_STARVING_WHEN_FREE /* an unlock would hand over to a waiter that need not exist */
        :: starving && (old & LOCKED) -> new = new | STARVING
#else
        :: starving -> new = new | STARVING
#endif
        :: else -> skip
        fi;
#ifndef WRONG_LOST_WOKEN /* then no unlock wakes anybody any more */
        if
        :: awoke -> assert(new & WOKEN); new = new & ~WOKEN
        :: else -> skip
        fi;
#endif
        swap(old, new);
        if
        :: !done -> old = state
        :: done && !(old & (LOCKED | STARVING)) -> break
        :: done && (old & (LOCKED | STARVING)) ->
#ifndef WRONG_STALE_TICKET /* nobody sets it when the semaphore's unit is to be had at once */
            ticket[me] = false;
#endif
            semaphore_acquire(waited);
            waited = true;
            if                                 /* sync.cpp: take_over */
            :: state & STARVING ->             /* handed over: not locked yet, and still counted as waiting */
                d_step {
                    assert(!(state & (LOCKED | WOKEN)) && WAITERS(state) > 0);
#ifndef WRONG_STARVES_ON /* the next one waits for somebody to hand over to it */
                    state = state + LOCKED - WAITER - (ticket[me] -> 0 : STARVING)
#else
                    state = state + LOCKED - WAITER
#endif
                };
                break
            :: else -> awoke = true
            fi;
            if                                 /* has it waited for long? */
            :: starving = true
            :: skip
            fi;
            old = state
        fi
    od;
    skip;
    d_step { old = 0; new = 0; awoke = false; starving = false; waited = false; ticket[me] = true }
}

inline unlock_slow() {                         /* sync.cpp: mutex_unlock; unlockSlow in Go's mutex.go */
    if
    :: !(new & STARVING) ->
        old = new;
        do
        :: WAITERS(old) == 0 || (old & (LOCKED | WOKEN | STARVING)) -> break
        :: else ->
            swap(old, (old - WAITER) | WOKEN);
            if
            :: done -> semaphore_release(); break
            :: else -> old = state
            fi
        od
    :: else -> semaphore_hand_over()
    fi;
    late = false;
    ready_waiter()
}

proctype goroutine(byte me) {
    byte round, old, new, i, waiter = NOBODY;
    bool done, awoke, starving, waited, handover, late;
    do
    :: round == ROUNDS -> break
    :: round < ROUNDS ->
        if
        ::                                     /* sync.cpp: mutex_lock */
            swap(0, LOCKED);
            if
            :: done -> skip
            :: else -> lock_slow()
            fi
        ::                                     /* sync.cpp: mutex_try_lock */
            swap(0, LOCKED);
            if
            :: done -> skip
            :: else -> goto next
            fi
        fi;
        d_step {                               /* it has the mutex */
            assert(inside == 0 && (state & LOCKED) && (heir == NOBODY || heir == me));
            heir = NOBODY;
            inside++
        };
        d_step {                               /* sync.cpp: mutex_unlock */
            inside--;
            assert(state & LOCKED);
            state = state - LOCKED;
            new = state
        };
        if
        :: new != 0 -> unlock_slow()
        :: else -> skip
        fi;
next:
        skip;
        d_step { old = 0; new = 0; done = false; late = false; round++ }
    od
}

init {
    byte i;
    atomic {
        for (i : 0 .. GOROUTINES - 1) { run goroutine(i) }
    };
    _nr_pr == 1;
    assert(state == 0 && counter == 0 && waiting == 0 && length == 0 && !bucket && inside == 0 && heir == NOBODY)
}
