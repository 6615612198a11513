package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import java.util.regex.Pattern;

/**
 * What a function is called in a profile. Formats have no kinds of code: Python's names have a prefix that says it. Viewers make one
 * of all functions of a name, whatever their files. Python code that has none of its own, {@code <module>} or a {@code <lambda>}
 * outside of functions, is told apart by its module:
 *
 * <pre>
 *   py::&lt;module>  /srv/shop/orders.py     py::&lt;module> orders
 *   py::&lt;module>  /srv/shop/__init__.py   py::&lt;module> shop
 *   py::&lt;module>  &lt;frozen runpy>         py::&lt;module> runpy
 * </pre>
 */
public final class FunctionName {
    private static final Pattern NAMELESS = Pattern.compile("<[^<>.]+>");
    private static final Pattern PYTHON_FILE = Pattern.compile("\\.pyw?$");
    private static final Pattern FROZEN = Pattern.compile("<frozen ([^<>]+)>");

    private FunctionName() {}

    public static String of(Location.Kind kind, Call call) {
        return kind.prefix() + withoutPrefix(kind, call);
    }

    /** For formats that have kinds of code. */
    public static String withoutPrefix(Location.Kind kind, Call call) {
        boolean nameless = kind == Location.Kind.PYTHON
                && NAMELESS.matcher(call.function()).matches();
        String module = nameless ? module(call.file()) : "";
        return call.function() + (module.isEmpty() ? "" : " " + module);
    }

    /** The module that a file makes, without the packages around it, which a path does not tell. */
    private static String module(String file) {
        String frozen = FROZEN.matcher(file).replaceFirst("$1");
        String module = PYTHON_FILE.matcher(frozen).replaceFirst("");
        int base = module.lastIndexOf('/') + 1;
        int parent = module.lastIndexOf('/', base - 2) + 1;
        String name = module.substring(base);
        return switch (name) {
            case "__init__" -> base > 1 ? module.substring(parent, base - 1) : name;
            case "__main__" -> base > 1 ? module.substring(parent, base - 1) + "." + name : name;
            default -> name;
        };
    }
}
