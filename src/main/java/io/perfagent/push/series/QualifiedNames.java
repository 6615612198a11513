package io.perfagent.push.series;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Python functions named with their modules, for stores that make one of all functions of a name, whatever their files:
 *
 * <pre>
 *   Server.handle  /srv/shop/web.py                              Server.handle shop.web
 *   Query.run      /usr/lib/python3/dist-packages/orm/query.py   Query.run orm.query
 *   &lt;module&gt;       /usr/lib/python3.12/json/__init__.py          &lt;module&gt; json
 * </pre>
 *
 * A path does not say where a package of one's own begins: the directory that the file is in is taken for one.
 */
public final class QualifiedNames {
    private static final Pattern INSTALLED =
            Pattern.compile(".*/(?:site-packages|dist-packages|lib/python[\\d.]+[a-z]?|lib-dynload)/(.+)");
    private static final Pattern FROZEN = Pattern.compile("<frozen ([^<>]+)>");
    private static final Pattern LAST_TWO = Pattern.compile("(?:.*/)?([^/]+/[^/]+)");
    private static final Pattern END = Pattern.compile("(/__init__)?\\.pyw?$");

    private final IdentityHashMap<Location, Location> known = new IdentityHashMap<>();

    private QualifiedNames() {}

    /** The profile with such names; stacks are made when they are asked for. */
    public static Profile of(Profile profile) {
        QualifiedNames names = new QualifiedNames();
        return profile.withStacks(names::qualified);
    }

    private StackCount qualified(StackCount stack) {
        return stack.withLocations(stack.locations().stream()
                .map(location -> known.computeIfAbsent(location, QualifiedNames::qualified))
                .toList());
    }

    private static Location qualified(Location location) {
        if (location.kind() != Location.Kind.PYTHON) {
            return location;
        }
        List<Call> calls =
                location.calls().stream().map(QualifiedNames::qualified).toList();
        return new Location(location.kind(), location.address(), location.module(), calls, location.miss());
    }

    private static Call qualified(Call call) {
        String module = module(call.file());
        return module.isEmpty()
                ? call
                : new Call(call.function() + " " + module, call.symbol(), call.file(), call.line(), call.startLine());
    }

    /** The module that a file is, as far as its path tells; {@code ""} where it does not. */
    public static String module(String file) {
        Matcher frozen = FROZEN.matcher(file);
        if (frozen.matches()) {
            return frozen.group(1);
        }
        Matcher installed = INSTALLED.matcher(file);
        Matcher own = LAST_TWO.matcher(END.matcher(file).replaceFirst(""));
        if (installed.matches()) {
            return dotted(END.matcher(installed.group(1)).replaceFirst(""));
        }
        return dotted(own.matches() ? own.group(1) : END.matcher(file).replaceFirst(""));
    }

    private static String dotted(String path) {
        return path.replace('/', '.');
    }
}
