/* Workers that find no work sleep, and are woken when there is some; timers; and the deadlock verdict.
 *
 * WORKERS workers run GOROUTINES goroutines. A running goroutine may start another one (on its worker's queue, or in
 * the run-next place), yield (YIELDS times in all), sleep (on TIMERS timers), make a blocking call (CALLS in all, on
 * one thread beside the workers), end, or compute for ever. One that computes for ever still comes to safepoints, which
 * publish the run-next place and fire timers; with -DNATIVE it does not. So a goroutine in a queue whose own worker is
 * busy is there, as well as the sleep of all.
 *
 * Checked:
 *   - when nothing moves any more, no goroutine is in a queue, and no timer is due, unless every worker computes: no
 *     wake-up is lost, neither when all sleep nor when the others are busy;
 *   - the deadlock verdict is never given while a goroutine can ever run, and always given when none can;
 *   - sleeping_ and searching_ are then what they are meant to count;
 *   - with -DLIVENESS (which leaves endless computing out): all goroutines are run in the end, under weak fairness.
 * Left out: time slices, search_on, the collector, the end of a run, threads locked to goroutines, a lowered
 * GOMAXPROCS, a full local queue, the virtual clock. Pushing and popping are atomic, and which of a queue's goroutines
 * is popped does not matter, since they are all alike. Parking's mutex is held for one step where only one thing
 * changes that is seen without it. Memory is sequentially consistent: fence.pml shows that the fences justify this.
 *
 * check: -DWORKERS=2 -DCALLS=1
 * check: -DWORKERS=2 -DSTARTED=1 -DCALLS=1 -DYIELDS=0
 * check: -DWORKERS=2 -DTIMERS=1 -DCALLS=0
 * check: -DWORKERS=2 -DTIMERS=2 -DCALLS=0 -DYIELDS=0 -DNATIVE
 * check: -DWORKERS=3 -DCALLS=0 -DYIELDS=0
 * check: -DWORKERS=2 -DCALLS=1 -DGOROUTINES=2 -DYIELDS=0 -DLIVENESS
 * wrong: WRONG_DROPPED_UNCHECKED -DWORKERS=3 -DCALLS=0 -DYIELDS=0
 * wrong: WRONG_NO_TIMEKEEPER -DWORKERS=2 -DTIMERS=2 -DCALLS=0 -DYIELDS=0 -DNATIVE
 * large: -DWORKERS=2 -DTIMERS=1 -DCALLS=1
 * large: -DWORKERS=2 -DTIMERS=2 -DCALLS=0
 * large: -DWORKERS=2 -DCALLS=2
 * large: -DWORKERS=3 -DCALLS=0
 * large: -DWORKERS=3 -DTIMERS=1 -DCALLS=0 -DGOROUTINES=2
 * large: -DWORKERS=2 -DSTARTED=1 -DCALLS=1
 * large: -DWORKERS=2 -DCALLS=1 -DGOROUTINES=2 -DLIVENESS
 */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef STARTED
#define STARTED WORKERS  /* workers whose threads exist at the beginning */
#endif
#ifndef GOROUTINES
#define GOROUTINES 3
#endif
#ifndef CALLS
#define CALLS 1
#endif
#ifndef TIMERS
#define TIMERS 0
#endif
#ifndef YIELDS
#define YIELDS 1
#endif

#define NONE 255
#define BIT(i) (1 << (i))
#define GLOBAL WORKERS             /* the global queue, behind the workers' own */
#define NEVER 9

byte queue[WORKERS + 1];           /* the goroutines in it, as bits */
byte started_ = STARTED;
byte blocking_;                    /* blocking calls that are out */
bool dead_;                        /* the deadlock verdict has been given */
byte called = NONE;                /* the goroutine for which the thread beside the workers works */

/* Parking */
byte sleeping_, searching_;        /* workers: that sleep; that look for work and have none */
bool mutex_;
byte asleep;                       /* sleepers_, as bits */
byte notified;                     /* of them, those that are to look again */
byte timekeeper_ = NONE;           /* the one that sleeps until a timer is due */
byte timekeeper_due_ = NEVER;

/* Timers. They are due at the times 1, 2, …; `now` goes on at any moment. */
byte armed[TIMERS + 1] = NONE;     /* the goroutine that sleeps until then */
byte now;

/* What is only there to bound the model, and to be checked. */
byte born = 1, calls = CALLS, yields = YIELDS, sleeps = TIMERS;
byte done, computing;              /* goroutines that have ended, that compute for ever */

#define NEXT_DUE (TIMERS > 0 && armed[0] != NONE -> 1 : (TIMERS > 1 && armed[TIMERS - 1] != NONE -> 2 : NEVER))

inline push(q, goroutine) {                    /* run_queue.h: push, push_all */
    d_step {
        assert(!(queue[q] & BIT(goroutine)));
        queue[q] = queue[q] | BIT(goroutine)
    }
}

/* g is one of the queue's, or NONE. */
inline pop(q) {                                /* run_queue.h: pop */
    d_step {
        g = 0;
        do
        :: g == GOROUTINES -> g = NONE; break
        :: g < GOROUTINES && (queue[q] & BIT(g)) -> queue[q] = queue[q] & ~BIT(g); break
        :: else -> g++
        od;
        skip
    }
}

/* g is one of the queue's, further perhaps another one. */
inline pop_some(q) {                           /* run_queue.h: GlobalQueue::pop, steal_half */
    atomic {
        pop(q);
        if
        :: g != NONE && queue[q] != 0 -> further = g; pop(q)
        :: true
        fi
    }
}

inline work_visible() {                        /* scheduler.cpp: work_visible */
    i = GLOBAL;
    do
    :: queue[i] != 0 -> visible = true; break
    :: queue[i] == 0 && i > 0 -> i--
    :: queue[i] == 0 && i == 0 -> visible = false; break
    od;
    i = 0
}

#define LOWEST(set) ((set) & 1 -> 0 : ((set) & 2 -> 1 : 2))
#define TIMEKEEPER (timekeeper_ == NONE -> 0 : BIT(timekeeper_))

inline pass_search() {                         /* parking.h: pass_search; scheduler.cpp: start_worker */
    d_step {
        !mutex_ ->                             /* it is held for this step */
        if
        :: asleep != 0 ->
            i = (asleep & ~TIMEKEEPER -> LOWEST(asleep & ~TIMEKEEPER) : timekeeper_);
            asleep = asleep & ~BIT(i);
            notified = notified & ~BIT(i);
            sleeping_--;
            if
            :: i == timekeeper_ -> timekeeper_ = NONE; timekeeper_due_ = NEVER
            :: else -> skip
            fi;
            i = 0;
            passed = true
        :: asleep == 0 && started_ < WORKERS -> started_++; passed = true
        :: asleep == 0 && started_ == WORKERS -> passed = false
        fi
    }
}

inline announce() {                            /* parking.h, scheduler.cpp: announce; behind a full fence */
    do
    :: searching_ != 0 -> break                /* whoever searches will find it, or wake the next */
    :: searching_ == 0 ->
        if
        :: sleeping_ == 0 && started_ == WORKERS -> break
        :: else -> skip
        fi;
        if
        :: atomic { searching_ == 0 -> searching_ = 1 }
        :: searching_ != 0 -> break
        fi;
        pass_search();
        if
        :: passed -> passed = false; break
        :: !passed -> searching_--             /* parking.h: drop_search */
        fi;
#ifndef WRONG_DROPPED_UNCHECKED /* a push that saw this search has told nobody, and a worker fell asleep meanwhile */
        if
        :: sleeping_ == 0 -> break
        :: sleeping_ != 0 -> work_visible()
        fi;
        if
        :: visible -> visible = false
        :: !visible -> break
        fi
#else
        break
#endif
    od
}

inline timer_armed(when) {                     /* parking.h: timer_armed; behind a full fence */
    if
    :: sleeping_ != 0 ->
        if
        :: timekeeper_due_ > when ->
            d_step {
                !mutex_ ->                     /* it is held for this step */
                if
                :: timekeeper_ != NONE -> notified = notified | BIT(timekeeper_)
                :: timekeeper_ == NONE && asleep != 0 -> notified = notified | BIT(LOWEST(asleep))
                :: else -> skip
                fi
            }
        :: else -> skip
        fi
    :: else -> skip
    fi
}

inline poll_timers() {                         /* timers.cpp: poll */
    do
    :: atomic { NEXT_DUE <= now -> i = NEXT_DUE - 1; further = armed[i]; armed[i] = NONE; i = 0 };
        push(me, further);
        further = NONE;
        announce()
    :: else -> break
    od
}

inline begin_search() {                        /* parking.h: begin_search */
    if
    :: !searching -> d_step { searching = true; searching_++ }
    :: searching -> skip
    fi
}

/* The worker has work. */
inline end_search() {                          /* parking.h: end_search; scheduler.cpp: find_work */
    d_step { last = (searching && searching_ == 1); searching_ = searching_ - searching; searching = false };
#ifndef WRONG_NO_CHAIN /* what was pushed while this worker searched was not announced */
    if
    :: last ->                                 /* behind a full fence */
        work_visible();
        if
        :: visible -> visible = false; announce()
        :: !visible -> skip
        fi
    :: !last -> skip
    fi;
#endif
    last = false
}

inline publish_run_next() {                    /* scheduler.cpp: should_yield */
    atomic { push(me, run_next); run_next = NONE };
    announce()
}

proctype worker(byte me) {
    byte g = NONE, further = NONE, run_next = NONE, i, when;
    bool searching, last, visible, passed, polled, all_idle;
end_not_started:
    if
    :: me < STARTED -> skip
    :: me >= STARTED && started_ > me -> searching = true /* scheduler.cpp: start_worker */
    fi;

find_work:                                     /* scheduler.cpp: find_work, find_local */
    if
    :: run_next != NONE -> d_step { g = run_next; run_next = NONE }
    :: else -> pop(me)
    fi;
    if
    :: g == NONE ->                            /* scheduler.cpp: pop_global */
        pop_some(GLOBAL);
        if
        :: further != NONE ->
            atomic { push(me, further); further = NONE };
#ifndef WRONG_SHARE_UNANNOUNCED /* on its way from queue to queue it was seen by nobody */
            announce()
#endif
        :: else -> skip
        fi
    :: else -> skip
    fi;
    if
    :: g != NONE -> goto found
    :: g == NONE && TIMERS > 0 && !polled -> polled = true; poll_timers(); goto find_work
    :: else -> polled = false
    fi;
    begin_search();
    do                                         /* scheduler.cpp: steal */
    :: g != NONE || i == WORKERS -> break
    :: g == NONE && i < WORKERS && i == me -> i++
    :: g == NONE && i < WORKERS && i != me -> pop_some(i); i++
    od;
    i = 0;
#ifndef WRONG_STOLEN_QUEUED_LATE /* the search is over by then, and nobody is told */
    if
    :: further != NONE -> atomic { push(me, further); further = NONE } /* run_queue.h: steal_half */
    :: else -> skip
    fi;
#endif
    if
    :: g == NONE -> goto sleep
    :: g != NONE -> skip
    fi;

found:
    polled = false;
    end_search();
#ifdef WRONG_STOLEN_QUEUED_LATE
    if
    :: further != NONE -> atomic { push(me, further); further = NONE }
    :: else -> skip
    fi;
#endif
#ifndef WRONG_NO_TIMEKEEPER /* the one that was woken by a timer is busy now, and the others sleep without end */
    if
    :: TIMERS > 0 && NEXT_DUE != NEVER -> when = NEXT_DUE; timer_armed(when); when = 0
    :: else -> skip
    fi;
#endif
    /* scheduler.cpp: loop; what the goroutine does */
    assert(!dead_);
    do
    :: atomic { born < GOROUTINES -> push(me, born); born++ }; /* it starts another one (scheduler.cpp: enqueue), */
        announce()
    :: atomic { born < GOROUTINES && run_next == NONE -> run_next = born; born++ } /* to run next, */
    :: atomic { born < GOROUTINES && run_next != NONE -> push(me, run_next); run_next = born; born++ };
        announce()
    :: run_next != NONE -> publish_run_next()  /* comes to a safepoint, */
    :: atomic { yields > 0 && (queue[me] != 0 || queue[GLOBAL] != 0) -> yields--; push(GLOBAL, g) }; /* yields */
#ifndef WRONG_YIELD_UNANNOUNCED /* not seen by a worker that has looked there and finds the other one gone */
        if                                     /* (scheduler.cpp: loop, has_more_work), */
        :: run_next != NONE || queue[me] != 0 -> announce()
        :: else -> skip
        fi;
#endif
        break
    :: atomic { calls > 0 && called == NONE -> calls--; blocking_++; called = g }; /* makes a blocking call */
        break                                  /* (scheduler.cpp: run_blocking), */
    :: sleeps > 0 ->                           /* sleeps (timers.cpp: sleep), */
        atomic {
            if
            :: TIMERS > 0 && armed[0] == NONE && now < 1 -> when = 1
            :: TIMERS > 1 && armed[TIMERS - 1] == NONE && now < 2 -> when = 2
            :: else -> goto ends
            fi;
            sleeps--;
            armed[when - 1] = g
        };
        if
        :: (run_next != NONE || queue[me] != 0) && when == NEXT_DUE -> timer_armed(when)
        :: else -> skip
        fi;
        when = 0;
        break
    :: skip;                                   /* ends or waits for ever, */
ends:   done++;
        break
#ifndef LIVENESS
    :: computing++;                            /* or computes for ever */
end_computing:
        do
#ifndef NATIVE
        :: TIMERS > 0 && NEXT_DUE <= now -> poll_timers()
        :: run_next != NONE -> publish_run_next()
#else
        :: false
#endif
        od
#endif
    od;
    g = NONE;
    goto find_work;

sleep:                                         /* parking.h: sleep */
    atomic { !mutex_ -> mutex_ = true; asleep = asleep | BIT(me); sleeping_++ };
    d_step { searching_--; searching = false };
look:                                          /* scheduler.cpp: look; behind a full fence */
    all_idle = (sleeping_ == started_ && blocking_ == 0);
#ifndef WRONG_NO_LOOK /* a push that saw this worker searching has told nobody */
    work_visible();
#endif
    when = NEXT_DUE;
    if
    :: visible || when <= now ->
        atomic { asleep = asleep & ~BIT(me); notified = notified & ~BIT(me); sleeping_-- };
        d_step { searching_++; searching = true; visible = false; all_idle = false; when = 0; mutex_ = false };
        goto find_work
    :: else -> skip
    fi;
    if
    :: when == NEVER && all_idle && !dead_ ->
        dead_ = true;                          /* Executor::deadlock */
        assert(done == born)
    :: else -> skip
    fi;
    all_idle = false;
    if
    :: when == NEVER || (timekeeper_ != NONE && timekeeper_due_ <= when) -> skip
    :: else ->
        atomic { timekeeper_ = me; timekeeper_due_ = when };
        if
        :: NEXT_DUE >= when -> skip
        :: else -> d_step { timekeeper_ = NONE; timekeeper_due_ = NEVER }; goto look
        fi
    fi;
    d_step { when = 0; assert(run_next == NONE); mutex_ = false };
end_asleep:
    if
    :: atomic { !mutex_ && !(asleep & BIT(me)) -> searching = true } /* the search was passed to it */
    :: atomic {
            !mutex_ && (asleep & BIT(me)) &&
            ((notified & BIT(me)) || (timekeeper_ == me && timekeeper_due_ <= now)) ->
            mutex_ = true;
            notified = notified & ~BIT(me);
            if
            :: timekeeper_ == me -> timekeeper_ = NONE; timekeeper_due_ = NEVER
            :: else -> skip
            fi
        };
        goto look
    fi;
    goto find_work
}

/* blocking_pool.cpp: one thread, which does what run_blocking has given it. */
proctype thread() {
    byte g, i;
    bool passed, visible, last;
end:
    do
    :: called != NONE ->
        atomic { g = called; called = NONE };
#ifdef WRONG_CALL_OVER_TOO_EARLY /* for a moment nobody sees the goroutine */
        blocking_--;
#endif
        push(GLOBAL, g);                       /* scheduler.cpp: ready, for no worker */
        g = 0;
        announce();
#ifndef WRONG_CALL_OVER_TOO_EARLY
        atomic { blocking_--; last = (blocking_ == 0) };
#ifndef WRONG_CALL_OVER_UNTOLD /* the last worker has gone to sleep, without the verdict, before this */
        d_step { !last || !mutex_ -> notified = (last -> notified | asleep : notified) }; /* parking.h: disturb_all */
#endif
        last = false
#endif
    od
}

proctype clock() {
end:
    do
    :: now < TIMERS -> now++
    od
}

#define COUNT(set) ((set & 1) + ((set >> 1) & 1) + ((set >> 2) & 1))

init {
    byte w;
    atomic {
        queue[GLOBAL] = BIT(0);                /* main */
        for (w : 0 .. WORKERS - 1) { run worker(w) };
        if
        :: CALLS > 0 -> run thread()
        :: else -> skip
        fi;
        if
        :: TIMERS > 0 -> run clock()
        :: else -> skip
        fi;
        w = 0
    };
#ifndef LIVENESS
    timeout;                                   /* nothing moves any more */
    for (w : 0 .. WORKERS) {
        assert(queue[w] == 0 || computing == WORKERS)
    };
    assert(NEXT_DUE == NEVER || computing == WORKERS);
    assert(computing > 0 || (dead_ && done == born));
    assert(!mutex_ && searching_ == 0 && sleeping_ == COUNT(asleep) && sleeping_ + computing == started_);
    assert(called == NONE && blocking_ == 0)
#endif
}

#ifdef LIVENESS
ltl all_run { <> (dead_ && done == born) }
#endif
