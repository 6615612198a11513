package io.perfagent.testing.runtimes;

import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.testing.Names;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;

/**
 * What must be on the stacks of a program, as {@code src/test/workloads/runtimes/rows} writes it.
 *
 * @param links from the leaf outwards
 * @param always how many of them, counted from the outermost, are on every stack; the others are where the leaf is
 */
record Chain(List<Link> links, int always) {
    private static final String START = "START";
    private static final Pattern ARROW = Pattern.compile(" <[-=] ");

    /** A part of the chain: so many frames, between which others may stand. */
    record Link(String text, int frames) {
        static Link of(String text) {
            int star = text.lastIndexOf('*');
            boolean repeated = star > 0 && text.substring(star + 1).matches("\\d+");
            return repeated
                    ? new Link(text.substring(0, star), Integer.parseInt(text.substring(star + 1)))
                    : new Link(text, 1);
        }

        boolean is(Location location) {
            return switch (text.charAt(0)) {
                case '~' -> found(Names.of(location));
                case '@' -> found(file(location));
                default -> Names.of(location).equals(text);
            };
        }

        private boolean found(String where) {
            return Pattern.compile(text.substring(1)).matcher(where).find();
        }

        private static String file(Location location) {
            Module module = location.module();
            return module == null
                    ? "anon"
                    : Path.of(module.path()).getFileName().toString();
        }
    }

    static Chain of(String text) {
        String[] halves = text.split(" <= ", 2);
        if (halves.length != 2 || !text.endsWith(START)) {
            throw new IllegalArgumentException(
                    "a chain with no part that is always there, or that does not end in START: " + text);
        }
        List<Link> links = Arrays.stream(ARROW.split(text)).map(Link::of).toList();
        return new Chain(links, ARROW.split(halves[1]).length);
    }

    /** Whether the leaf is there, be it alone. */
    boolean hasLeaf(List<Location> user) {
        return user.stream().anyMatch(links.getFirst()::is);
    }

    /** Whether all is there that must be: the whole chain where its leaf is. */
    boolean isTrue(List<Location> user, LongPredicate entry) {
        int wanted = hasLeaf(user) ? links.size() : always;
        return begins(user, entry) && holds(user, links.subList(links.size() - wanted, links.size() - 1));
    }

    /** In the function that the kernel has jumped to, or in libc, which has called main from there. */
    private static boolean begins(List<Location> user, LongPredicate entry) {
        boolean libc = user.size() > 1 && Names.of(user.get(user.size() - 2)).equals("main");
        return !user.isEmpty() && (libc || entry.test(user.getLast().address()));
    }

    /** From the outermost inwards, for what is nearer to the leaf may look like what is farther. */
    private static boolean holds(List<Location> user, List<Link> wanted) {
        int at = user.size();
        for (Link link : wanted.reversed()) {
            for (int missing = link.frames(); missing > 0; ) {
                if (--at < 0) {
                    return false;
                }
                missing -= link.is(user.get(at)) ? 1 : 0;
            }
        }
        return true;
    }
}
