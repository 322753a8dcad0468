/* Channels: send, receive and close under one lock, and the parking and waking around them.
 *
 * Senders send VALUES values each, receivers receive until they are told "closed", a closer closes: once all senders
 * are done (then nothing but the channel itself can have woken anybody), or, "early", at any moment (then waiting and
 * later senders panic and stop). Workers are processes; a goroutine is data that at most one of them may hold. At each
 * wait it is chosen anew whether the goroutine has native frames (parks with its fiber, through Parking) or not.
 *
 * Checked:
 *   - every value that was sent without a panic is received once, in the order of sending, none else is;
 *   - no goroutine sleeps for ever (the model ends with all of them finished);
 *   - no goroutine is held by two workers, nor in the run queue twice, nor made ready in a state that forbids it;
 *   - at most one of the two wait queues is non-empty; receivers wait at an empty buffer only, senders at a full one,
 *     nobody at a closed channel;
 *   - zero, false comes from a closed and drained channel only.
 * Left out: select (select.pml); operations without the lock (lone_worker.h); how idle workers sleep and wake
 * (parking.pml): here the run queue is one set, from which any worker takes any goroutine at any time. Memory is
 * sequentially consistent: all that goroutines share here is under the channel's lock, or passes with the acquire and
 * release operations on `state`.
 *
 * check: -DCAPACITY=0
 * check: -DCAPACITY=1
 * check: -DCAPACITY=2
 * check: -DCAPACITY=1 -DSENDERS=1 -DRECEIVERS=2 -DVALUES=3
 * wrong: WRONG_BUFFER_NOT_REFILLED -DCAPACITY=1
 * wrong: WRONG_CLOSED_BEFORE_BUFFER -DCAPACITY=1
 * large: -DCAPACITY=0 -DRECEIVERS=2
 * large: -DCAPACITY=1 -DRECEIVERS=2
 * large: -DCAPACITY=2 -DVALUES=3
 * large: -DCAPACITY=1 -DWORKERS=3
 */

#ifndef CAPACITY
#define CAPACITY 1
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef SENDERS
#define SENDERS 2
#endif
#ifndef RECEIVERS
#define RECEIVERS 1
#endif
#ifndef VALUES
#define VALUES 2
#endif

/* Goroutines: the senders, the receivers, the closer. */
#define CLOSER (SENDERS + RECEIVERS)
#define COUNT (CLOSER + 1)
#define IS_SENDER(g) ((g) < SENDERS)
#define IS_RECEIVER(g) ((g) >= SENDERS && (g) < CLOSER)
#define VALUE(g, nth) ((g) * VALUES + (nth)) /* nth from 1; 0 is the zero value */

mtype = { Idle, Runnable, Running, Parking, Parked, Notified }; /* goroutine.h: GoroutineState */
mtype = { Done, Closed };                                       /* scheduler.h: Wait (Parked: `parked`) */

/* Goroutine */
mtype state[COUNT] = Idle;
byte nth[COUNT];          /* its saved state: the value it sends, counted from 1 */
bool waited[COUNT];       /* its saved state: it goes on behind an operation that parked */
bool send_on_closed[COUNT]; /* Goroutine::resume */
byte element[COUNT];      /* Waiter::element points to it */
bool ok[COUNT];           /* Waiter::ok points to it */

/* Channel */
bool locked, closed;
chan buffer = [2] of { byte };
chan receivers = [COUNT] of { byte };
chan senders = [COUNT] of { byte };

/* Scheduler */
bool queued[COUNT]; /* in a run queue */

/* What is only there to be checked. */
bool held[COUNT];                           /* a worker runs it, or still stands on its fiber */
chan under_way = [SENDERS * VALUES] of { byte }; /* values, in the order in which sends took effect */
bool received[SENDERS * VALUES + 1];
byte sent, got, senders_left = SENDERS, finished;
bool early;

inline lock() { atomic { !locked -> locked = true } } /* spin_lock.h: SpinLock::lock */

inline unlock() {                                     /* spin_lock.h: SpinLock::unlock */
    d_step {
        assert(empty(receivers) || empty(senders));
        assert(empty(receivers) || len(buffer) == 0);
        assert(empty(senders) || len(buffer) == CAPACITY);
        assert(!closed || (empty(receivers) && empty(senders)));
        locked = false
    }
}

inline enqueue(g) {                                   /* scheduler.cpp: enqueue */
    d_step {
        assert(!queued[g]);
        queued[g] = true
    }
}

inline ready(g) {                                     /* scheduler.cpp: ready, make_runnable */
    seen = state[g];
    do
    :: atomic { state[g] == seen -> state[g] = (seen == Parking -> Notified : Runnable); break }
    :: else -> seen = state[g]
    od;
    assert(seen == Idle || seen == Parked || seen == Parking);
    if
#ifndef WRONG_NOTIFIED_RUNS_TWICE /* queued at once, while its worker still stands on its fiber */
    :: seen == Parking -> skip                        /* the parking worker requeues it */
#endif
    :: else -> enqueue(g)
    fi;
    seen = Idle
}

/* The channel is locked and is unlocked as the last thing. */
inline park(queue) {                                  /* channel.cpp: park */
    if
    :: native = false
    :: native = true
    fi;
#ifndef WRONG_STATE_AFTER_UNLOCK
    d_step {
        state[g] = (native -> Parking : Parked);
        if
        :: native -> skip
        :: else -> held[g] = false                    /* from here on this worker touches it no more */
        fi
    }
    queue ! g;
    unlock();
#else /* a waker that comes in between finds it Running */
    queue ! g;
    unlock();
    d_step {
        state[g] = (native -> Parking : Parked);
        if
        :: native -> skip
        :: else -> held[g] = false
        fi
    }
#endif
    parked = true
}

/* Counts a value that has left the channel; called where it does, under the lock. */
inline leaves(value) {
    under_way ? first;
    assert(first == value);
    first = 0
}

inline channel_send() {                               /* channel.cpp: channel_send */
    lock();
    if                                                /* channel.cpp: try_send */
    :: closed -> unlock(); outcome = Closed
    :: !closed && nempty(receivers) ->                /* channel.cpp: hand_over */
        d_step {
            receivers ? other;
            under_way ! element[g];
            leaves(element[g])
        };
        element[other] = element[g];
        unlock();
        ok[other] = true;                             /* channel.cpp: wake */
        ready(other);
        outcome = Done
    :: !closed && empty(receivers) && len(buffer) < CAPACITY ->
        d_step {
            under_way ! element[g];
            buffer ! element[g]                       /* channel.cpp: Channel::put */
        };
        unlock();
        outcome = Done
    :: !closed && empty(receivers) && len(buffer) == CAPACITY ->
#ifdef WRONG_UNLOCKED_BEFORE_QUEUED /* a partner may come and go between the look and the queue */
        unlock();
        lock();
#endif
        under_way ! element[g];
        park(senders)
    fi
}

inline channel_receive() {                            /* channel.cpp: channel_receive */
    lock();
    if                                                /* channel.cpp: try_receive */
#ifdef WRONG_CLOSED_BEFORE_BUFFER /* what the buffer still holds is lost */
    :: closed ->
        assert(empty(under_way));
        unlock();
        element[g] = 0;
        ok[g] = false;
        outcome = Done
    :: !closed && nempty(buffer) ->
#else
    :: nempty(buffer) ->
#endif
        d_step {
            buffer ? element[g];                      /* channel.cpp: Channel::take */
            ok[g] = true;
            leaves(element[g])
        };
#ifndef WRONG_BUFFER_NOT_REFILLED /* the sender sleeps on though there is room */
        if
        :: nempty(senders) -> senders ? other; buffer ! element[other]
        :: empty(senders) -> other = COUNT
        fi;
#else
        other = COUNT;
#endif
        unlock();
        if
        :: other < COUNT -> ready(other)              /* channel.cpp: wake */
        :: else -> skip
        fi;
        outcome = Done
    :: empty(buffer) && nempty(senders) ->
        d_step {
            senders ? other;
            element[g] = element[other];
            ok[g] = true;
            leaves(element[g])
        };
        unlock();
        ready(other);                                 /* channel.cpp: wake */
        outcome = Done
#ifndef WRONG_CLOSED_BEFORE_BUFFER
    :: empty(buffer) && empty(senders) && closed ->
        assert(empty(under_way));
        unlock();
        element[g] = 0;
        ok[g] = false;
        outcome = Done
#endif
    :: empty(buffer) && empty(senders) && !closed ->
#ifdef WRONG_UNLOCKED_BEFORE_QUEUED
        unlock();
        lock();
#endif
        park(receivers)
    fi
}

inline channel_close() {                              /* channel.cpp: channel_close */
    lock();
    closed = true;
    do
    :: nempty(receivers) ->
        d_step {
            receivers ? other;
            assert(empty(under_way));
            element[other] = 0;
            ok[other] = false;
            woken ! other
        }
    :: empty(receivers) -> break
    od;
    do
    :: nempty(senders) ->
        d_step {
            senders ? other;
            under_way ?? eval(element[other]);        /* it will never come */
            send_on_closed[other] = true;
            woken ! other
        }
    :: empty(senders) -> break
    od;
    unlock();
    do
    :: nempty(woken) -> woken ? other; ready(other)
    :: empty(woken) -> break
    od
}

/* A receive has ended, here or while the goroutine was parked. */
inline take_received() {
    d_step {
        assert(ok[g] == (element[g] != 0));
        if
        :: ok[g] -> assert(!received[element[g]]); received[element[g]] = true; got++
        :: else -> assert(closed)
        fi;
        element[g] = 0
    }
}

inline finish() {                                     /* scheduler.cpp: finish */
    d_step {
        state[g] = Idle;
        held[g] = false;
        element[g] = 0;
        finished++
    }
    if
    :: IS_SENDER(g) ->
        atomic { senders_left--; last = (senders_left == 0) };
        if
        :: last && !early -> ready(CLOSER)
        :: else -> skip
        fi
    :: else -> skip
    fi
}

proctype worker() {                                   /* scheduler.cpp: loop */
    chan woken = [COUNT] of { byte };
    byte g, other, first;
    mtype seen = Idle, outcome = Done;
    bool native, parked, last;
    do
    :: finished == COUNT -> break
    :: atomic {                                       /* scheduler.cpp: find_work */
        if
        :: queued[0] -> g = 0
        :: queued[1] -> g = 1
        :: queued[2] -> g = 2
#if COUNT > 3
        :: queued[3] -> g = 3
#endif
#if COUNT > 4
        :: queued[4] -> g = 4
#endif
        fi;
        queued[g] = false };
        parked = false;
        d_step {
            assert(!held[g] && state[g] == Runnable);
            held[g] = true;
            state[g] = Running
        }
        if                                            /* machine.cpp: resumed */
        :: waited[g] ->
            waited[g] = false;
            if
            :: IS_RECEIVER(g) ->
                take_received();
                if
                :: !ok[g] -> finish(); goto next
                :: else -> skip
                fi
            :: IS_SENDER(g) && send_on_closed[g] -> finish(); goto next
            :: else -> d_step { element[g] = 0; sent++ }
            fi
        :: else -> skip
        fi;
        do
        :: IS_SENDER(g) && nth[g] == VALUES -> finish(); break
        :: IS_SENDER(g) && nth[g] < VALUES ->
#ifndef WRONG_SAVED_AFTER_CALL
            d_step {                                  /* saved before the call, which may park */
                nth[g]++;
                waited[g] = true;
                element[g] = VALUE(g, nth[g])
            };
            channel_send();
#else /* by then another worker may run it, from where it was before */
            element[g] = VALUE(g, nth[g] + 1);
            channel_send();
            d_step { nth[g]++; waited[g] = true };
#endif
            if
            :: parked -> break
            :: !parked && outcome == Done -> d_step { waited[g] = false; element[g] = 0; sent++ }
            :: !parked && outcome == Closed -> waited[g] = false; finish(); break
            fi
        :: IS_RECEIVER(g) ->
            waited[g] = true;
            channel_receive();
            if
            :: parked -> break
            :: !parked ->
                waited[g] = false;
                take_received();
                if
                :: ok[g] -> skip
                :: !ok[g] -> finish(); break
                fi
            fi
        :: g == CLOSER -> channel_close(); finish(); break
        od;
        if
        :: parked && native ->                        /* scheduler.cpp: park_fiber, then arrived */
            held[g] = false;                          /* the switch away from its fiber is over */
            if
            :: atomic { state[g] == Parking -> state[g] = Parked }
            :: else -> state[g] = Runnable; enqueue(g)
            fi
        :: else -> skip
        fi;
next:   skip;
        d_step { g = 0; other = 0; seen = Idle; outcome = Done; native = false; parked = false; last = false }
    od
}

init {
    atomic {
        if
        :: early = false
        :: early = true
        fi;
        byte i;
        for (i : 0 .. COUNT - 1) {
            if
            :: i < CLOSER || early -> state[i] = Runnable; queued[i] = true
            :: else -> skip
            fi
        }
        for (i : 1 .. WORKERS) { run worker() }
    }
    finished == COUNT;
    assert(empty(buffer) && empty(receivers) && empty(senders) && empty(under_way) && closed && !locked);
    assert(sent == got && (early || got == SENDERS * VALUES))
}
