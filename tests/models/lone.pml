/* Channel operations without a lock while one worker runs: runtime/sched/lone_worker.h.
 *
 * The first worker does operations on a channel; each asks begin() whether it needs the lock. A second worker wakes up,
 * which revokes the first one's privilege, does operations under the lock, and sleeps again, which grants it anew; and
 * again. Stores of the first worker go through a buffer, as on x86 (fence.pml): that is what membarrier is for.
 *
 * Checked: never are two operations under way at once; nobody waits for ever.
 * Left out: the world's mutex, which orders grant() and revoke() (here one worker calls both); that an operation begun
 * under the lock ends under it though the privilege is granted meanwhile is in here.
 *
 * check:
 */

#define ROUNDS 2

bool alone = true;          /* LoneWorker::alone_ */
bool busy;                  /* LoneWorker::busy_, in memory */
chan stores = [2] of { bit }; /* the first worker's stores to busy, on their way there */
bool locked;                /* Channel::lock */
byte inside;                /* operations under way */
bool first_ended;

inline lock() { atomic { !locked -> locked = true } }

inline operate() {
    inside++;
    assert(inside == 1);
    inside--
}

active proctype first_worker() {
    byte operations;
    do
    :: operations == 3 -> break
    :: else ->
        operations++;
        if
        :: alone ->                     /* begin */
            stores ! 1;
#ifdef WRONG_NO_SECOND_LOOK
            goto privileged;
#endif
            if
            :: alone -> goto privileged
            :: else -> stores ! 0
            fi
        :: else -> skip
        fi;
        lock();                         /* channel.cpp: Hold */
        operate();
        locked = false;
        goto next;
privileged:
        operate();
        stores ! 0;                     /* end */
next:   skip
    od;
    first_ended = true
}

active proctype second_worker() {
    byte rounds;
    do
    :: rounds == ROUNDS -> break
    :: else ->
        rounds++;
        alone = false;                  /* World::enter: revoke */
#ifndef WRONG_NO_MEMBARRIER
        empty(stores);                  /* membarrier: the first worker's processor empties its buffer */
#endif
#ifndef WRONG_NO_WAIT
        !busy;
#endif
        lock();
        operate();
        locked = false;
        alone = true                    /* World::leave: grant */
    od
}

/* Memory takes the stores in their order. */
active proctype taker() {
    bit value;
end:
    do
    :: d_step { stores ? value -> busy = value; value = 0 }
    od
}
