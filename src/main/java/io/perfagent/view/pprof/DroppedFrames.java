package io.perfagent.view.pprof;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Functions that a profile wants left out, with all that they call: an allocator's own frames, say. Their names are matched as pprof does it, whole and
 * without the list of arguments. The regular expressions are the file's, and one can be made to take for ever: each name has so many steps.
 */
final class DroppedFrames {
    private static final Pattern ARGUMENTS = Pattern.compile("\\(anonymous namespace\\)|operator\\(\\)|(\\()");
    private static final int MOST_CHARS = 1000;
    private static final int MOST_STEPS = 100_000;

    private final Pattern drop;
    private final @Nullable Pattern keep;

    private DroppedFrames(Pattern drop, @Nullable Pattern keep) {
        this.drop = drop;
        this.keep = keep;
    }

    /** Null where none are to be left out. */
    static @Nullable DroppedFrames of(String drop, String keep) throws BadProfileException {
        try {
            return drop.isEmpty()
                    ? null
                    : new DroppedFrames(Pattern.compile(drop), keep.isEmpty() ? null : Pattern.compile(keep));
        } catch (PatternSyntaxException | StackOverflowError _) {
            throw BadProfileException.damaged("the functions that it wants left out are no regular expression");
        }
    }

    /** Whether a function is one of them. */
    boolean has(String function) throws BadProfileException {
        String name = simplified(function);
        try {
            return !name.isEmpty() && matches(drop, name) && (keep == null || !matches(keep, name));
        } catch (TooManySteps | StackOverflowError _) {
            throw BadProfileException.damaged("the functions that it wants left out take too long to be found");
        }
    }

    private static boolean matches(Pattern pattern, String name) {
        return pattern.matcher(new Steps(name)).matches();
    }

    private static String simplified(String function) {
        String name = function.startsWith(".") ? function.substring(1) : function;
        Matcher arguments = ARGUMENTS.matcher(name);
        while (arguments.find()) {
            if (arguments.group(1) != null) {
                return bounded(name.substring(0, arguments.start()));
            }
        }
        return bounded(name);
    }

    private static String bounded(String name) {
        return name.substring(0, Math.min(name.length(), MOST_CHARS));
    }

    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Counts how often a character is asked for. */
    private static final class Steps implements CharSequence {
        private final String text;
        private int steps;

        Steps(String text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++steps > MOST_STEPS) {
                throw new TooManySteps();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return text.subSequence(from, to);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
