package io.perfagent;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** The code keeps to the table of packages in ARCHITECTURE.md. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // lets go of all these classes in the end
class ArchitectureTest {
    private static final String OURS = "io.perfagent.";
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|([^|]*)\\|");
    private static final Pattern NAME = Pattern.compile("`(\\w+)`");

    /** The JDK's restricted methods (java.lang.foreign, "Restricted methods"): what can crash the JVM. */
    private static final Set<String> RESTRICTED = Set.of(
            "java.lang.foreign.Linker.downcallHandle",
            "java.lang.foreign.Linker.upcallStub",
            "java.lang.foreign.SymbolLookup.libraryLookup",
            "java.lang.foreign.MemorySegment.reinterpret",
            "java.lang.foreign.AddressLayout.withTargetLayout",
            "java.lang.System.load",
            "java.lang.System.loadLibrary",
            "java.lang.Runtime.load",
            "java.lang.Runtime.loadLibrary");

    private JavaClasses production;
    private Map<String, List<String>> mayImport;

    @BeforeAll
    void read() throws IOException {
        production = new ClassFileImporter()
                .withImportOption(location -> !location.contains("/test-classes/"))
                .importPackages("io.perfagent");
        mayImport = table(Files.readString(Path.of("ARCHITECTURE.md")));
    }

    private static Map<String, List<String>> table(String markdown) {
        Map<String, List<String>> table = new LinkedHashMap<>();
        Matcher row = ROW.matcher(
                markdown.substring(markdown.indexOf("| package |"), markdown.indexOf("\n## Architectures")));
        while (row.find()) {
            List<String> names = new ArrayList<>();
            Matcher name = NAME.matcher(row.group(2));
            while (name.find()) {
                names.add(name.group(1));
            }
            table.put(row.group(1), names);
        }
        return table;
    }

    /** An importer that cannot read the class files would find no violation in anything. */
    @Test
    void theClassFilesAreRead() {
        assertThat(production.contain("io.perfagent.cli.Main")).isTrue();
        assertThat(mayImport)
                .hasSizeGreaterThan(10)
                .containsEntry("cli", List.of("api", "agent", "config", "push", "view", "report", "model"));
    }

    @Test
    void everyPackageIsInTheTable() {
        Set<String> packages = new TreeSet<>();
        production.forEach(type -> packages.add(topPackage(type)));
        assertThat(mayImport.keySet()).containsAll(packages);
        mayImport.values().forEach(imported -> assertThat(mayImport.keySet()).containsAll(imported));
    }

    @TestFactory
    List<DynamicTest> importsAreThoseOfTheTable() {
        List<DynamicTest> tests = new ArrayList<>();
        mayImport.forEach(
                (name, imported) -> tests.add(DynamicTest.dynamicTest(name, () -> importsOnly(name, imported))));
        return tests;
    }

    private void importsOnly(String name, List<String> imported) {
        Set<String> others = new TreeSet<>(mayImport.keySet());
        others.remove(name);
        imported.forEach(others::remove);
        if (!others.isEmpty()) {
            noClasses()
                    .that()
                    .resideInAPackage(subtree(name))
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(
                            others.stream().map(ArchitectureTest::subtree).toArray(String[]::new)))
                    .because("of the table in ARCHITECTURE.md")
                    .allowEmptyShould(true)
                    .check(production);
        }
    }

    @Test
    void packagesFormNoCycles() {
        slices().matching(OURS + "(**)").should().beFreeOfCycles().check(production);
    }

    /** They are of the thread that reads what happens to processes: a look on another would undo what has been told meanwhile. */
    @Test
    void mappingsAreWrittenWhereEventsAreRead() {
        writtenByOnly("walker.CodeMaps", ProcessTable.class, "read", Image.class);
        writtenByOnly("runtime.gdbjit.JitImages", Image.class, "describe", List.class);
    }

    private void writtenByOnly(String writer, Class<?> owner, String method, Class<?> parameter) {
        assertThat(production.contain(OURS + writer)).isTrue();
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(OURS + writer)
                .should()
                .callMethod(owner, method, parameter)
                .check(production);
    }

    @Test
    void nativeCodeIsReachedFromLinuxAndBpfOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(subtree("linux"), subtree("bpf"))
                .should()
                .callCodeUnitWhere(target(restricted()))
                .check(production);
    }

    private static DescribedPredicate<CodeUnitCallTarget> restricted() {
        return DescribedPredicate.describe(
                "is restricted", method -> RESTRICTED.contains(method.getOwner().getName() + "." + method.getName()));
    }

    private static String subtree(String name) {
        return OURS + name + "..";
    }

    private static String topPackage(JavaClass type) {
        return type.getPackageName().substring(OURS.length()).split("\\.", -1)[0];
    }
}
