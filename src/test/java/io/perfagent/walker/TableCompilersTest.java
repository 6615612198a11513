package io.perfagent.walker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A compile that fails: at the end of a run somebody waits for calm, and targets' trampolines are on until it comes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // without the wait's end it would be for ever
class TableCompilersTest {
    private static final Mapping FILE = new Mapping(0x1000, 0x2000, 0, true, false, true, 254, 0, 1, "/bin/a", false);
    private static final Mapping OTHER = new Mapping(0x1000, 0x2000, 0, true, false, true, 254, 0, 2, "/bin/b", false);

    /** Compiles nothing. */
    private abstract static class Fake implements TableCompilers.Tables {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public void compile(int pid, Mapping mapping) {
            begun.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            end();
        }

        abstract void end();

        @Override
        public void publishReady() throws LinuxException {}
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void restEndsWhereACompileFails(boolean anError) throws Exception {
        Fake tables = new Fake() {
            @Override
            void end() {
                if (anError) {
                    throw new OutOfMemoryError("planted");
                }
                throw new IllegalStateException("planted");
            }
        };
        TableCompilers compilers = new TableCompilers(tables);
        compilers.request(1, FILE);
        tables.begun.await();
        compilers.check();
        tables.goOn.countDown();
        compilers.rest(0);
        compilers.close();
        assertThat(compilers.pending()).isZero();
        assertThatThrownBy(compilers::check)
                .hasMessage("compiling an unwind table failed")
                .hasRootCauseMessage("planted");
    }

    /** Nothing fails, but it takes longer than anybody waits: the rest goes on without it. */
    @Test
    void restIsNotWaitedForWithoutEnd() throws Exception {
        Fake tables = new Fake() {
            @Override
            void end() {}
        };
        TableCompilers compilers = new TableCompilers(tables);
        compilers.request(1, FILE);
        tables.begun.await();
        compilers.rest(TimeUnit.HOURS.toNanos(1));
        assertThat(compilers.pending()).as("it is still being compiled").isEqualTo(1);
        compilers.request(1, OTHER);
        tables.goOn.countDown();
        while (compilers.pending() > 1) {
            Thread.sleep(1);
        }
        assertThat(compilers.pending()).as("nothing begins in a rest").isEqualTo(1);
        compilers.resume();
        while (compilers.pending() > 0) {
            Thread.sleep(1);
        }
        compilers.close();
        compilers.check();
    }

    @Test
    void walkerThatCannotBeToldIsAFailure() {
        TableCompilers.Tables tables = new TableCompilers.Tables() {
            @Override
            public void compile(int pid, Mapping mapping) {}

            @Override
            public void publishReady() throws LinuxException {
                throw new LinuxException("planted", Errno.EINVAL.number());
            }
        };
        TableCompilers compilers = new TableCompilers(tables);
        compilers.request(1, FILE);
        while (compilers.pending() > 0) {
            Thread.onSpinWait();
        }
        compilers.close();
        assertThatThrownBy(compilers::check).hasCauseInstanceOf(LinuxException.class);
    }
}
