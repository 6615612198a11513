package io.perfagent.output;

import io.perfagent.model.CannotStartException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Why a file could not be written, with a remedy. */
final class WriteFailure {
    private WriteFailure() {}

    static CannotStartException of(Path path, IOException e) {
        return new CannotStartException("cannot write the profile to " + path + ": " + causeAndRemedy(e), e);
    }

    private static String causeAndRemedy(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "the directory does not exist; make it, or choose another --profile-output";
            case AccessDeniedException _ -> "permission denied; choose a --profile-output that may be written";
            default -> remedied(cause(e));
        };
    }

    private static String cause(IOException e) {
        String cause = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
        return cause == null ? e.toString() : cause;
    }

    private static String remedied(String cause) {
        return cause.startsWith("No space left")
                ? cause + "; free some, or choose a --profile-output on another disk"
                : cause + "; choose another --profile-output";
    }
}
