/* select: goroutines that wait on several channels at once.
 *
 * GOROUTINES goroutines do ROUNDS operations each on two channels, in every combination: a select of two cases, each
 * of which sends to or receives from one of the channels (the first may be nil; the same channel twice and both sides
 * of one channel are among them), a plain send or receive, or a close. With -DBUFFER, channel 1 is tried both without
 * a buffer and with room for one value.
 *
 * Checked:
 *   - an operation takes effect exactly once, and a select by the case that it is told; so no value is lost or doubled;
 *   - no deadlock by the channels' locks;
 *   - once a goroutine goes on, none of its waiters is in a queue: it uses them again for its next wait;
 *   - no lost wake-up: when nothing moves any more, nobody waits for what is there;
 *   - a case that is attempted has a channel.
 * Left out: run queue, Parking and Notified (channel.pml); a goroutine is a process here and sleeps until its state is
 * Runnable; `default` (taken under all locks, when no case is ready). Steps on what a lock protects are taken together
 * with its release, and select_finish takes and releases each lock in one step. Memory is sequentially consistent: all
 * that is shared is under the channels' locks but select_won, which is changed by compare-and-swap only.
 *
 * check: -DGOROUTINES=3
 * check: -DGOROUTINES=2 -DROUNDS=2 -DBUFFER
 * large: -DGOROUTINES=3 -DBUFFER
 * large: -DGOROUTINES=2 -DROUNDS=3
 */

#ifndef GOROUTINES
#define GOROUTINES 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif

#define NIL 2                      /* the channel of a case that is never ready; the others are 0 and 1 */
#define WAITERS (GOROUTINES * 2)   /* two cases each */
#define NOBODY WAITERS
#define OWNER(w) ((w) / 2)
#define CASE(w) ((w) % 2)

mtype = { Running, Parked, Runnable };         /* goroutine.h: GoroutineState */
mtype = { Nothing, SelectDone, SendOnClosed }; /* goroutine.h: Resume */

/* Channels; the number is the address. */
bool locked[2], closed[2], filled[2], has_buffer[2];
chan receivers[2] = [WAITERS] of { byte };
chan senders[2] = [WAITERS] of { byte };

/* Goroutines, each with two waiters. */
mtype state[GOROUTINES] = Running;
mtype resume[GOROUTINES] = Nothing;
bool in_select[GOROUTINES];
bool select_won[GOROUTINES];
bool select_index[GOROUTINES];

/* What is only there to be checked. */
bool affected[GOROUTINES];                     /* its operation has had its effect, by case: */
bool by_case[GOROUTINES];
bool ended[GOROUTINES];

inline lock(c) { atomic { !locked[c] -> locked[c] = true } }       /* spin_lock.h */
inline unlock(c) { assert(locked[c]); locked[c] = false }

/* The operation of waiter w takes effect: its value moves, or it learns that the channel is closed. */
inline affect(w) {
    assert(!affected[OWNER(w)]);
    affected[OWNER(w)] = true;
    by_case[OWNER(w)] = CASE(w)
}

/* Takes the first that is still to be had off the queue, which is locked: other, or NOBODY. */
inline pop(queue) {                            /* channel.cpp: WaitQueue::pop */
    do
    :: empty(queue) -> other = NOBODY; break
    :: nempty(queue) ->
        queue ? other;
        if
        :: !in_select[OWNER(other)] -> break
#ifdef WRONG_NO_CLAIM /* another channel may have taken it already */
        :: in_select[OWNER(other)] -> break
#elif defined(WRONG_CLAIM_IN_TWO_STEPS) /* both channels may look before either writes */
        :: in_select[OWNER(other)] && !select_won[OWNER(other)] -> select_won[OWNER(other)] = true; break
        :: in_select[OWNER(other)] && select_won[OWNER(other)] -> skip
#else
        :: atomic { in_select[OWNER(other)] && !select_won[OWNER(other)] -> select_won[OWNER(other)] = true }; break
        :: in_select[OWNER(other)] && select_won[OWNER(other)] -> skip
#endif
        fi
    od
}

inline wake(w) {                               /* channel.cpp: wake */
    if
    :: in_select[OWNER(w)] -> select_index[OWNER(w)] = CASE(w); resume[OWNER(w)] = SelectDone
    :: else -> skip
    fi;
    assert(state[OWNER(w)] == Parked);
    state[OWNER(w)] = Runnable                 /* scheduler.cpp: ready */
}

/* Whether a waiter of somebody else, not won yet, is in the queue. */
inline has_open_waiter(queue, answer) {        /* channel.cpp: has_open_waiter */
    for (w : 0 .. WAITERS - 1) {
        if
        :: OWNER(w) != me && queue ?? [eval(w)] && (!in_select[OWNER(w)] || !select_won[OWNER(w)]) -> answer = true
        :: else -> skip
        fi
    }
    w = 0
}

inline ready_now(mine, answer) {               /* channel.cpp: ready_now */
    answer = false;
    if
    :: channel[mine] == NIL -> skip
    :: channel[mine] != NIL && sends[mine] ->
        answer = closed[channel[mine]] || (has_buffer[channel[mine]] && !filled[channel[mine]]);
        has_open_waiter(receivers[channel[mine]], answer)
    :: channel[mine] != NIL && !sends[mine] ->
        answer = closed[channel[mine]] || filled[channel[mine]];
        has_open_waiter(senders[channel[mine]], answer)
    fi
}

#define USES(c) (channel[0] == c || channel[1] == c)

inline lock_all() {                            /* channel.cpp: LockSet::lock */
#ifdef WRONG_LOCK_ORDER /* as the cases come */
    if
    :: channel[0] != NIL -> lock(channel[0])
    :: else -> skip
    fi;
    if
    :: channel[1] != channel[0] -> lock(channel[1])
    :: else -> skip
    fi
#else
    if
    :: USES(0) -> lock(0)
    :: else -> skip
    fi;
    if
    :: USES(1) -> lock(1)
    :: else -> skip
    fi
#endif
}

inline unlock_all_but(c) {                     /* channel.cpp: LockSet::unlock, channel_select */
    if
    :: USES(1) && c != 1 -> unlock(1)
    :: else -> skip
    fi;
    if
    :: USES(0) && c != 0 -> unlock(0)
    :: else -> skip
    fi
}

inline push_waiter(mine) {                     /* channel.cpp: WaitQueue::push */
    if
    :: channel[mine] == NIL -> skip
    :: channel[mine] != NIL && sends[mine] -> senders[channel[mine]] ! (me * 2 + mine)
    :: channel[mine] != NIL && !sends[mine] -> receivers[channel[mine]] ! (me * 2 + mine)
    fi
}

inline leave_queue(mine) {                     /* channel.cpp: select_finish, one case */
    if
    :: channel[mine] == NIL -> skip
    :: d_step {
        channel[mine] != NIL && !locked[channel[mine]] ->
            if
            :: senders[channel[mine]] ?? [eval(me * 2 + mine)] -> senders[channel[mine]] ?? eval(me * 2 + mine)
            :: receivers[channel[mine]] ?? [eval(me * 2 + mine)] -> receivers[channel[mine]] ?? eval(me * 2 + mine)
            :: else -> skip
            fi
        }
    fi
}

/* Operations: 0-3 one plain case, 4-19 a select of two, 20-23 a select of nil and one, 24-25 a close. Cases: 0 receive
 * from 0, 1 send to 1, 2 send to 0, 3 receive from 1; so the channels of a select occur in both orders though its cases
 * ascend. */
#define LAST_OPERATION 25
#define VALID(operation) (operation < 4 || operation >= 20 || operation % 4 <= operation / 4 - 1)

inline set_case(i, code) {
    channel[i] = (code == 1 || code == 3 -> 1 : 0);
    sends[i] = (code == 1 || code == 2)
}

inline begin_operation() {
    d_step {
        channel[0] = NIL;
        channel[1] = NIL;
        if
        :: operation < 4 || operation > 23 -> set_case(0, operation % 4)
        :: operation >= 4 && operation < 20 -> set_case(0, operation % 4); set_case(1, operation / 4 - 1)
        :: operation >= 20 && operation <= 23 -> set_case(1, operation % 4)
        fi;
        closes = (operation > 23);
        in_select[me] = (operation >= 4 && operation <= 23);
        operation = 0
    }
}

proctype goroutine(byte me; byte operation) {
    byte channel[2];                           /* SelectCase::channel */
    bool sends[2];                             /* SelectCase::send */
    bool closes, ready_0, ready_1, again_0, again_1, had_value;
    byte round, chosen, other, c, w, woken;
    do
    :: round == ROUNDS -> break
    :: round < ROUNDS ->
        if
        :: round == 0 -> skip
        :: round > 0 ->
            select(operation : 0 .. LAST_OPERATION);
            if
            :: VALID(operation) -> skip
            :: else -> goto operation_ended
            fi
        fi;
        begin_operation();
        if
        :: closes -> goto close_it
        :: !closes && in_select[me] -> skip
        :: else ->                             /* channel.cpp: channel_send, channel_receive */
            chosen = 0;
            c = channel[0];
            lock(c);
            goto attempt
        fi;

select_again:                                  /* channel.cpp: channel_select */
        lock_all();
        d_step { ready_now(0, ready_0); ready_now(1, ready_1) };
        if
        :: !ready_0 && !ready_1 -> goto park
        :: else -> skip
        fi;
        /* The second look, for the one that was drawn: another channel may have won a waiter meanwhile. */
        d_step { ready_now(0, again_0); ready_now(1, again_1) };
        if
        :: again_0 -> chosen = 0
        :: again_1 -> chosen = 1
        :: (ready_0 && !again_0) || (ready_1 && !again_1) ->
#ifdef WRONG_NOT_FOUND_TAKES_FIRST /* the first case need not even have a channel */
            chosen = 0
#else
            d_step { unlock_all_but(NIL) };
            goto select_again
#endif
        fi;
        c = channel[chosen];
        assert(c != NIL);
        d_step { unlock_all_but(c) };

attempt:
        other = NOBODY;
        if
        :: sends[chosen] && closed[c] ->       /* channel.cpp: try_send */
            d_step { affect(me * 2 + chosen); unlock(c) }
        :: sends[chosen] && !closed[c] ->
            pop(receivers[c]);                 /* channel.cpp: hand_over */
            if
            :: other != NOBODY ->
                d_step { affect(me * 2 + chosen); affect(other); unlock(c) };
                d_step { wake(other) }
            :: other == NOBODY && has_buffer[c] && !filled[c] ->
                d_step { affect(me * 2 + chosen); filled[c] = true; unlock(c) }
            :: else -> goto would_block
            fi
        :: !sends[chosen] ->                   /* channel.cpp: try_receive */
            had_value = filled[c];
            pop(senders[c]);
            if
            :: other != NOBODY ->              /* its value is the one received, or the one that fills the buffer */
                d_step { affect(me * 2 + chosen); affect(other); unlock(c) };
                d_step { wake(other) }
            :: other == NOBODY && (had_value || closed[c]) ->
                d_step { affect(me * 2 + chosen); filled[c] = false; unlock(c) }
            :: else -> goto would_block
            fi
        fi;
        assert(affected[me] && by_case[me] == chosen);
        goto operation_ended;

would_block:
        if
        :: in_select[me] ->                    /* a waiter that counted as ready was won by another channel */
            d_step { unlock(c) };
            goto select_again
        :: else -> skip
        fi;

park:                                          /* channel.cpp: park, channel_select */
        skip;
#ifndef WRONG_QUEUED_ONE_BY_ONE
        d_step {
            select_won[me] = false;
            state[me] = Parked;
            push_waiter(0);
            push_waiter(1);
            unlock_all_but(NIL)
        };
#else /* a partner may come to a channel after it was looked at and before it is waited on */
        d_step { unlock_all_but(NIL); select_won[me] = false; state[me] = Parked };
        c = 0;
        do
        :: c == 2 -> break
        :: c < 2 && channel[c] == NIL -> c++
        :: c < 2 && channel[c] != NIL ->
            lock(channel[c]);
            d_step { push_waiter(c); unlock(channel[c]) };
            c++
        od;
#endif

end_parked:
        atomic { state[me] == Runnable -> state[me] = Running };
        if                                     /* machine.cpp: resumed */
#ifdef WRONG_LEFT_QUEUED
        :: in_select[me] -> skip
#elif defined(WRONG_PANIC_LEAVES_QUEUED) /* the other case's waiter stays where it is */
        :: in_select[me] && resume[me] == SendOnClosed -> skip
        :: in_select[me] && resume[me] == SelectDone ->
            leave_queue(0);
            leave_queue(1)
#else
        :: in_select[me] ->                    /* channel.cpp: select_finish, whatever it was woken for */
            leave_queue(0);
            leave_queue(1)
#endif
        :: else -> skip
        fi;
        d_step {
            assert(affected[me] && (!in_select[me] || (resume[me] != Nothing && by_case[me] == select_index[me])));
            for (c : 0 .. 1) {
                for (w : me * 2 .. me * 2 + 1) {
                    assert(!(receivers[c] ?? [eval(w)]) && !(senders[c] ?? [eval(w)]))
                }
            };
            w = 0;
            resume[me] = Nothing
        };
        goto operation_ended;

close_it:                                      /* channel.cpp: channel_close */
        c = channel[0];
        lock(c);
        if
        :: closed[c] -> d_step { unlock(c) }
        :: !closed[c] ->
            closed[c] = true;
            do
            :: pop(receivers[c]);
                if
                :: other == NOBODY -> break
                :: else ->
                    d_step {
                        affect(other);
                        if
                        :: in_select[OWNER(other)] -> resume[OWNER(other)] = SelectDone
                        :: else -> skip
                        fi;
                        select_index[OWNER(other)] = CASE(other);
                        woken = woken | (1 << OWNER(other))
                    }
                fi
            od;
            do
            :: pop(senders[c]);
                if
                :: other == NOBODY -> break
                :: else ->
                    d_step {
                        affect(other);
                        resume[OWNER(other)] = SendOnClosed;
                        select_index[OWNER(other)] = CASE(other);
                        woken = woken | (1 << OWNER(other))
                    }
                fi
            od;
            atomic { unlock(c) };
            for (w : 0 .. GOROUTINES - 1) {
                if
                :: woken & (1 << w) -> d_step { assert(state[w] == Parked); state[w] = Runnable } /* ready */
                :: else -> skip
                fi
            };
            w = 0
        fi;

operation_ended:
        skip;
        d_step {
            affected[me] = false; by_case[me] = false; select_index[me] = false; select_won[me] = false;
            in_select[me] = false;
            operation = 0; chosen = 0; other = 0; c = 0; woken = 0; closes = false; had_value = false;
            channel[0] = NIL; channel[1] = NIL; sends[0] = false; sends[1] = false;
            ready_0 = false; ready_1 = false; again_0 = false; again_1 = false;
            round++
        }
    od;
    ended[me] = true
}

init {
    byte i, before, operation, v, w;
    atomic {
        if
        :: has_buffer[1] = false
#ifdef BUFFER
        :: has_buffer[1] = true
#endif
        fi;
        for (i : 0 .. GOROUTINES - 1) {
            select(operation : 0 .. LAST_OPERATION);
end_other_order:
            /* They are all alike, so it is enough that they come in one order. */
            operation >= before && VALID(operation);
            before = operation;
            run goroutine(i, operation)
        };
        i = 0; before = 0; operation = 0
    };
    timeout;                                   /* nothing moves any more */
    d_step {
        for (i : 0 .. 1) {
            assert(!locked[i]);
            assert(!closed[i] || (empty(receivers[i]) && empty(senders[i])));
            assert(!filled[i] || empty(receivers[i]));
            assert(!has_buffer[i] || filled[i] || empty(senders[i]));
            for (w : 0 .. WAITERS - 1) {
                for (v : 0 .. WAITERS - 1) {
                    assert(!(receivers[i] ?? [eval(w)] && senders[i] ?? [eval(v)] && OWNER(v) != OWNER(w)))
                }
            }
        };
        for (i : 0 .. GOROUTINES - 1) {
            assert(ended[i] != (state[i] == Parked));
            assert(!affected[i] && !(in_select[i] && select_won[i]));
            v = 0;
            for (w : i * 2 .. i * 2 + 1) {
                if
                :: receivers[0] ?? [eval(w)] || receivers[1] ?? [eval(w)] -> v++
                :: senders[0] ?? [eval(w)] || senders[1] ?? [eval(w)] -> v++
                :: else -> skip
                fi
            };
            assert(ended[i] == (v == 0))
        }
    }
}
