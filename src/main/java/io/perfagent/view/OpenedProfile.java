package io.perfagent.view;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Measure;
import io.perfagent.view.pprof.BadProfileException;
import io.perfagent.view.pprof.PprofFile;
import io.perfagent.view.pprof.SampleType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A profile that was asked for by the name of its file.
 *
 * @param name of the file, {@code -} for standard input
 * @param type which of its types of values counts
 */
record OpenedProfile(String name, PprofFile file, int type) {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String STANDARD_INPUT = "-";

    /** Something that reads a profile. */
    interface Reading<T> {
        T read() throws IOException;
    }

    /** @param sampleType null for the one that the profile wants shown */
    static OpenedProfile open(String name, @Nullable String sampleType) throws CannotStartException {
        return of(name, () -> {
            PprofFile file = read(name);
            return new OpenedProfile(name, file, type(file, sampleType));
        });
    }

    /** What goes wrong with a file in our words. */
    static <T> T of(String name, Reading<T> reading) throws CannotStartException {
        try {
            return reading.read();
        } catch (IOException e) {
            throw new CannotStartException("cannot read " + label(name) + ": " + causeAndRemedy(e), e);
        }
    }

    private static String label(String name) {
        return name.equals(STANDARD_INPUT) ? "standard input" : name;
    }

    private static String causeAndRemedy(IOException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return switch (e) {
            case BadProfileException _ -> message;
            case NoSuchFileException _ -> "there is no such file: is the name right?";
            case AccessDeniedException _ -> "permission denied: ask whoever wrote it, or use sudo";
            default -> message.equals("Is a directory") ? "it is a directory: name a file in it" : message;
        };
    }

    private static PprofFile read(String name) throws IOException {
        if (name.equals(STANDARD_INPUT)) {
            return PprofFile.read(System.in, 0);
        }
        try (FileChannel channel = FileChannel.open(path(name), StandardOpenOption.READ);
                InputStream in = Channels.newInputStream(channel)) {
            return PprofFile.read(in, Files.isRegularFile(path(name)) ? unpackedBytes(channel) : 0);
        }
    }

    private static Path path(String name) throws IOException {
        try {
            return Path.of(name);
        } catch (InvalidPathException _) {
            throw new NoSuchFileException(name);
        }
    }

    /** The last four bytes of gzip are the length of what is in it, if that is one piece (RFC 1952, ISIZE). */
    private static long unpackedBytes(FileChannel channel) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int read = channel.size() < Integer.BYTES ? 0 : channel.read(last, channel.size() - Integer.BYTES);
        return read < Integer.BYTES ? 0 : Integer.toUnsignedLong(last.getInt(0));
    }

    /** As pprof chooses: the one that the profile names, or the last. */
    private static int type(PprofFile file, @Nullable String wanted) throws IOException {
        List<SampleType> types = file.types();
        if (wanted == null) {
            int named = file.wantedType();
            return named >= 0 ? named : types.size() - 1;
        }
        for (int at = 0; at < types.size(); at++) {
            if (types.get(at).type().equals(wanted) || types.get(at).toString().equals(wanted)) {
                return at;
            }
        }
        throw new NoSuchTypeException(wanted, types);
    }

    /** Without the directories that it is in. */
    String fileName() {
        return Row.base(label(name));
    }

    SampleType sampleType() {
        return file.types().get(type);
    }

    /** The measure of waits that its values are of; null where they are of anything else. Only of a profile of ours is it known what it calls so. */
    @Nullable
    Measure waits() {
        return Stream.of(Measure.OFF_CPU, Measure.WALL)
                .filter(one -> file.isOurs() && sampleType().equals(new SampleType(one.type(), one.unit())))
                .findFirst()
                .orElse(null);
    }

    /** How much there is of what, and when it was. */
    String headline(Tally tally) {
        long all = tally.totals().all();
        String samples =
                tally.measure().samples() ? " in " + all / tally.measure().period() + " samples" : "";
        String during = file.duration().isZero()
                ? ""
                : String.format(Locale.ROOT, " of %.1f s", file.duration().toNanos() / NANOS_PER_SECOND);
        String since = file.start().getEpochSecond() == 0
                ? ""
                : ", from " + file.start().truncatedTo(ChronoUnit.SECONDS);
        return label(name) + ": " + tally.quantity().text(all) + " "
                + tally.measure().type() + samples + during + since;
    }

    private static final class NoSuchTypeException extends IOException {
        private static final long serialVersionUID = 1;

        NoSuchTypeException(String wanted, List<SampleType> types) {
            super("it has no --sample-type " + wanted + ": give "
                    + String.join(" or ", types.stream().map(SampleType::type).toList()));
        }
    }
}
