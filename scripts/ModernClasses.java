import static java.lang.classfile.ClassFile.JAVA_6_VERSION;
import static java.lang.classfile.ClassFile.JAVA_8_VERSION;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Gives classes of jars that were compiled for Java 5 and before the maps of their stack frames, and with them a version that may stand in
 * the virtual machine's cache of loaded classes. Older ones are read, checked and linked anew at each start: those of picocli take 60 ms of
 * a processor.
 *
 * <p>Arguments: the jars, each of which is replaced.
 */
void main(String[] jars) throws Exception {
    for (String jar : jars) {
        if (isOld(Path.of(jar))) {
            modernize(Path.of(jar));
        }
    }
}

boolean isOld(Path file) throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
        for (JarEntry entry : Collections.list(jar.entries())) {
            if (isClass(entry) && isOld(ClassFile.of().parse(jar.getInputStream(entry).readAllBytes()))) {
                return true;
            }
        }
        return false;
    }
}

void modernize(Path file) throws IOException {
    Path partial = Path.of(file + ".partial");
    try (JarFile jar = new JarFile(file.toFile());
            JarOutputStream out = new JarOutputStream(Files.newOutputStream(partial))) {
        ClassFile code = ClassFile.of(
                ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(classesOf(jar).orElse(ClassHierarchyResolver.defaultResolver())));
        for (JarEntry entry : Collections.list(jar.entries())) {
            byte[] bytes = jar.getInputStream(entry).readAllBytes();
            JarEntry same = new JarEntry(entry.getName());
            same.setTime(entry.getTime());
            out.putNextEntry(same);
            out.write(isClass(entry) ? modern(code, bytes) : bytes);
            out.closeEntry();
        }
    }
    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
}

ClassHierarchyResolver classesOf(JarFile jar) {
    return ClassHierarchyResolver.ofResourceParsing(name -> {
        try {
            JarEntry entry = jar.getJarEntry(name.packageName().replace('.', '/') + "/" + name.displayName() + ".class");
            return entry == null ? null : jar.getInputStream(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    });
}

/** Each instruction is written anew, since code that is taken over as it is stays without maps. */
byte[] modern(ClassFile code, byte[] bytes) {
    ClassModel old = code.parse(bytes);
    if (!isOld(old)) {
        return bytes;
    }
    ClassTransform instructions = ClassTransform.transformingMethodBodies((builder, element) -> builder.with(element));
    ClassTransform version = (builder, element) -> {
        if (element instanceof ClassFileVersion) {
            builder.withVersion(JAVA_8_VERSION, 0);
        } else {
            builder.with(element);
        }
    };
    return code.transformClass(old, instructions.andThen(version));
}

boolean isOld(ClassModel model) {
    return model.majorVersion() < JAVA_6_VERSION;
}

boolean isClass(JarEntry entry) {
    return entry.getName().endsWith(".class");
}
