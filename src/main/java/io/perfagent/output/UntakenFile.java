package io.perfagent.output;

import io.perfagent.model.CannotStartException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of a name that nobody has asked for, so it replaces none: where the name is taken, by an earlier run of the same minute or
 * one side by side, there is a number behind, {@code shop-202611281200-on-cpu-2.pb.gz}.
 */
public final class UntakenFile implements Destination {
    private static final int LARGEST_NUMBER = 10_000;

    private final Path directory;
    private final String stem;
    private final String suffix;

    /** In {@code directory}, named {@code stem}, a number where needed, and {@code suffix}. */
    public UntakenFile(Path directory, String stem, String suffix) {
        this.directory = directory;
        this.stem = stem;
        this.suffix = suffix;
    }

    /** As for a file of a given name: which one is free shows when the profile is there. */
    @Override
    public void check() throws CannotStartException {
        try {
            PartialFile.tryBeside(name(1));
        } catch (IOException e) {
            throw WriteFailure.of(name(1), e);
        }
    }

    @Override
    public Path write(Content content) throws CannotStartException {
        try (PartialFile partial = PartialFile.beside(name(1))) {
            partial.write(content);
            for (int number = 1; number <= LARGEST_NUMBER; number++) {
                if (partial.take(name(number))) {
                    return name(number);
                }
            }
            throw new IOException("it and " + LARGEST_NUMBER + " numbered ones exist");
        } catch (IOException e) {
            throw WriteFailure.of(name(1), e);
        }
    }

    private Path name(int number) {
        return directory.resolve(stem + (number == 1 ? "" : "-" + number) + suffix);
    }
}
