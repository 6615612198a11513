package io.perfagent.python.inject;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.Threads.Parked;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    private static final int MAIN = 100;

    @Test
    void theMainThreadComesLast() {
        assertThat(order(at(MAIN, ParkedCall.SLEEP), at(101, ParkedCall.SELECT), at(102, ParkedCall.FUTEX_WAIT)))
                .containsExactly(102, 101, MAIN);
    }

    @Test
    void noneInEpollWhileThereIsAnother() {
        assertThat(order(at(101, ParkedCall.EPOLL), at(MAIN, ParkedCall.SELECT), at(102, ParkedCall.EPOLL)))
                .containsExactly(MAIN);
    }

    @Test
    void oneInEpollWhereThereIsNoOther() {
        assertThat(order(at(MAIN, ParkedCall.EPOLL), at(101, ParkedCall.EPOLL))).containsExactly(101, MAIN);
    }

    @Test
    void noneInEpollOrTheLikeWhileAnotherMayCome() {
        List<Parked> parked = List.of(at(MAIN, ParkedCall.EPOLL), at(101, ParkedCall.ACCEPT));
        assertThat(Threads.candidates(MAIN, parked, true)).isEmpty();
        assertThat(order(at(MAIN, ParkedCall.RECEIVE), at(101, ParkedCall.SIGNAL_WAIT)))
                .containsExactly(101, MAIN);
    }

    private static List<Integer> order(Parked... parked) {
        return Threads.candidates(MAIN, List.of(parked), false).stream()
                .map(Parked::tid)
                .toList();
    }

    private static Parked at(int tid, ParkedCall call) {
        return new Parked(tid, call, new ThreadSyscall(0, 0, 0, 0, 0));
    }
}
