package io.perfagent.symbolize;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What compilers put behind the name of a function of which they made several, or split off a part (GCC: {@code clone_function_name}
 * in cgraphclones.cc; LLVM: ThinLTO's promotion of local symbols): {@code encode.constprop.0.isra.0}, {@code parse.cold}. Viewers
 * shorten names at dots, to {@code 0} at worst, and a reader looks for the function that the source has.
 */
final class CloneSuffix {
    private static final Pattern SUFFIXES = Pattern.compile(
            "(?:\\.(?:(?:isra|constprop|part|lto_priv|clone|llvm)\\.\\d+|(?:cold|localalias)(?:\\.\\d+)?))++$");

    private CloneSuffix() {}

    /** The function's name. Mangled names keep the suffix, which demanglers know and leave out. */
    static String without(String symbol) {
        if (symbol.indexOf('.', 1) < 0 || symbol.startsWith("_Z") || symbol.startsWith("_R")) {
            return symbol;
        }
        Matcher suffixes = SUFFIXES.matcher(symbol);
        return suffixes.find() && suffixes.start() > 0 ? symbol.substring(0, suffixes.start()) : symbol;
    }
}
