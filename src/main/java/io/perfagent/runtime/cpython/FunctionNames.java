package io.perfagent.runtime.cpython;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What functions call themselves. Code that was made out of text does not say whose it is: that of all dataclasses' constructors has
 * one name, {@code <string>} for a file, and the same line. The function does:
 *
 * <pre>
 *   code: __create_fn__.&lt;locals>.__init__   function: shop.models, Order.__init__   name: shop.models.Order.__init__
 * </pre>
 */
final class FunctionNames {
    /** The program itself. */
    private static final String MAIN = "__main__";

    /** Functions of a named tuple are of a module that is called by its name, {@code namedtuple_Point}; one of them is a lambda. */
    private static final String TUPLE = "namedtuple_";

    private static final String LAMBDA = "<lambda>";
    private static final String TUPLE_METHOD = ".__new__";

    private final @Nullable FunctionLayout layout;
    private final PythonMemory memory;
    private final BuiltinTypes types;
    private final Texts texts;

    FunctionNames(PythonLayout layout, PythonMemory memory, BuiltinTypes types, Texts texts) {
        this.layout = FunctionLayout.of(layout);
        this.memory = memory;
        this.types = types;
        this.texts = texts;
    }

    /**
     * The name of a function with that of its module.
     *
     * @param function address of what may be one, 0 where that is not known
     * @param code address of its code
     * @param name of the code, which it has where the function is another's, or says that it is what it wraps
     */
    String name(long function, long code, String name) {
        try {
            return layout == null || function == 0 ? name : name(layout, function, code, name);
        } catch (MissedException _) {
            return name;
        }
    }

    private String name(FunctionLayout layout, long function, long code, String name) throws MissedException {
        ByteBuffer head = memory.read(function, layout.headBytes());
        if (!types.is(BuiltinType.FUNCTION, head) || head.getLong(layout.code()) != code) {
            return name;
        }
        String qualified = texts.text(head.getLong(layout.qualifiedName()), CodeObjects.LONGEST_NAME);
        String module = module(head.getLong(layout.module()));
        boolean ofTuple = module.startsWith(TUPLE);
        boolean own = last(qualified).equals(last(name))
                || (ofTuple && name.equals(LAMBDA) && qualified.endsWith(TUPLE_METHOD));
        if (!own || !isUnchanged(layout, function, head)) {
            return name;
        }
        boolean told = module.isEmpty() || module.equals(MAIN) || ofTuple;
        return told ? qualified : module + "." + qualified;
    }

    /** None is anything but text. */
    private String module(long address) {
        try {
            return texts.text(address, CodeObjects.LONGEST_NAME);
        } catch (MissedException _) {
            return "";
        }
    }

    private static String last(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** What a function refers to lives as long as the function has it. */
    private boolean isUnchanged(FunctionLayout layout, long function, ByteBuffer before) throws MissedException {
        ByteBuffer now = memory.read(function, layout.headBytes());
        return now.getLong(layout.code()) == before.getLong(layout.code())
                && now.getLong(layout.qualifiedName()) == before.getLong(layout.qualifiedName())
                && now.getLong(layout.module()) == before.getLong(layout.module());
    }
}
