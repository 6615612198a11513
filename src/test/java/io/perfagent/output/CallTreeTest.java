package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallTreeTest {
    @Test
    void linesBeginWhereStacksDiffer() {
        assertThat(CallTree.lines(ProfileOf.known(), 12))
                .containsExactly(
                        " 90.0 %  <module>",
                        " 70.0 %    Server.handle → __init__",
                        " 20.0 %    f.<locals>.<lambda>",
                        " 10.0 %  (no Python function)");
    }

    /** As in any service: a dozen functions that all stacks have, and what differs below them. */
    @Test
    void whatAllStacksHaveTakesOneLine() {
        String common = "serve accept handle_request process_request run dispatch application";
        Profile profile = profile(
                stack(60, common + " catalog render"),
                stack(25, common + " search matches"),
                stack(10, common + " search sort by_price"),
                stack(5, common + " checksum"));
        assertThat(CallTree.lines(profile, 12))
                .containsExactly(
                        "100.0 %  serve → 5 more → application",
                        " 60.0 %    catalog → render",
                        " 35.0 %    search",
                        " 25.0 %      matches",
                        " 10.0 %      sort → by_price",
                        "  5.0 %    checksum");
        assertThat(CallTree.lines(profile, 5))
                .as("the lightest are left out where lines are few")
                .containsExactly(
                        "100.0 %  serve → 5 more → application",
                        " 60.0 %    catalog → render",
                        " 35.0 %    search",
                        " 25.0 %      matches",
                        " 10.0 %      sort → by_price");
    }

    @Test
    void recursionIsFolded() {
        assertThat(CallTree.lines(profile(stack(3, "main fib fib fib fib"), stack(1, "main fib fib")), 12))
                .containsExactly("100.0 %  main → fib");
    }

    @Test
    void nothingSampledIsNoLine() {
        assertThat(CallTree.lines(profile(), 12)).isEmpty();
    }

    private static Profile profile(StackCount... stacks) {
        Profile known = ProfileOf.known();
        return new Profile(known.start(), known.duration(), 100, List.of(stacks), List.of());
    }

    /** Outermost first, as people say it; stacks have their leaf first. */
    private static StackCount stack(long count, String functions) {
        List<Location> locations = new ArrayList<>();
        for (String function : functions.split(" ", -1)) {
            locations.addFirst(ProfileOf.EVAL);
            locations.addFirst(new Location(Location.Kind.PYTHON, 0x1000, null, new Call(function, "/srv/app.py")));
        }
        return new StackCount(1, 1, "a", Cgroup.UNKNOWN, locations, WalkEnd.END_OF_STACK, false, count);
    }
}
