package io.perfagent.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.Measure;
import io.perfagent.output.proto.ProfileProto;
import io.perfagent.view.pprof.BadProfileException;
import io.perfagent.view.pprof.PprofFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What values add up to. */
class CountingTest {
    private static Counting counted(long... values) throws IOException {
        return countedByPeriod(0, values);
    }

    private static Counting countedByPeriod(long period, long... values) throws IOException {
        ProfileProto.Profile.Builder profile = ProfileProto.Profile.newBuilder()
                .addAllStringTable(List.of("", "cpu", "nanoseconds"))
                .addSampleType(ProfileProto.ValueType.newBuilder().setType(1).setUnit(2))
                .setPeriodType(ProfileProto.ValueType.newBuilder().setType(1).setUnit(2))
                .setPeriod(period);
        for (long value : values) {
            profile.addSample(ProfileProto.Sample.newBuilder().addValue(value));
        }
        byte[] bytes = profile.build().toByteArray();
        return Counting.of(PprofFile.read(new ByteArrayInputStream(bytes), bytes.length), 0);
    }

    /** A nanosecond is no sample, though all times are multiples of it. */
    @Test
    void samplesAreCountedByAPeriodThatSaysSomething() throws Exception {
        assertThat(countedByPeriod(10_000_000, 20_000_000, 10_000_000).measure())
                .isEqualTo(new Measure("cpu", "nanoseconds", 10_000_000, true));
        assertThat(countedByPeriod(10_000_000, 20_000_001).measure().samples()).isFalse();
        assertThat(countedByPeriod(1, 20_000_000).measure().samples()).isFalse();
    }

    @Test
    void sumsThatNoNumberHolds() throws Exception {
        assertThat(counted(Long.MAX_VALUE - 1, -1).measure().samples()).isFalse();
        for (long[] values : List.of(new long[] {Long.MAX_VALUE, 1}, new long[] {Long.MIN_VALUE})) {
            assertThatThrownBy(() -> counted(values))
                    .isInstanceOf(BadProfileException.class)
                    .hasMessage("it is damaged: its values of cpu are more than 64 bits hold; fetch or write it again");
        }
    }
}
