package io.perfagent.view;

import io.perfagent.linux.StandardStream;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.model.Measure;
import io.perfagent.model.Output;
import io.perfagent.model.Profile;
import io.perfagent.output.CallTree;
import io.perfagent.output.Destination;
import io.perfagent.output.Export;
import io.perfagent.output.PythonFold;
import io.perfagent.output.StateFrames;
import io.perfagent.view.pprof.SampleType;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** {@code perf-agent view}: one profile as a table, as a tree, or written as something else. */
public final class View {
    private final OpenedProfile profile;
    private final ViewRequest request;
    private final Consumer<String> notes;

    private View(OpenedProfile profile, ViewRequest request, Consumer<String> notes) {
        this.profile = profile;
        this.request = request;
        this.notes = notes;
    }

    /**
     * Shows a file.
     *
     * @param name {@code -} for standard input
     * @param notes takes what is left out of what is written
     */
    public static void run(String name, ViewRequest request, PrintStream out, Consumer<String> notes)
            throws CannotStartException {
        for (Output output : request.outputs()) {
            Destinations.of(output).check();
        }
        View view = new View(OpenedProfile.open(name, request.sampleType()), request, notes);
        if (request.outputs().isEmpty()) {
            OpenedProfile.of(name, () -> view.text(StandardStream.OUTPUT.columns()))
                    .forEach(out::println);
            out.flush();
        } else {
            view.write(OpenedProfile.of(name, () -> Conversion.of(view.profile, request)));
        }
    }

    private void write(Conversion.Converted converted) throws CannotStartException {
        for (Output output : request.outputs()) {
            Destination destination = Destinations.of(output);
            Export export = new Export(output.format(), destination, output.foldPython());
            Destinations.write(destination, out -> export.encode(converted.profile(), out));
            if (output.format() == Format.PPROF) {
                leftOut(output, converted).forEach(notes);
            }
        }
    }

    /** What there is no place for in a profile as we write it. */
    private List<String> leftOut(Output output, Conversion.Converted converted) {
        Measure measure = converted.profile().measure();
        SampleType times = new SampleType(measure.times(), Counting.SAMPLES.unit());
        List<String> types = profile.file().types().stream()
                .filter(type -> !type.equals(profile.sampleType()) && !type.equals(Counting.SAMPLES))
                .filter(type -> !measure.hasStates() || !type.equals(times))
                .map(SampleType::toString)
                .toList();
        List<String> lines = new ArrayList<>();
        if (!types.isEmpty()) {
            lines.add(output.path() + " is without values of other types: " + String.join(", ", types));
        }
        if (!converted.stacks().unknownLabels().isEmpty()) {
            lines.add(output.path() + " is without labels: "
                    + String.join(", ", converted.stacks().unknownLabels()));
        }
        return lines;
    }

    private List<String> text(int width) throws IOException {
        Tally tally = Tally.of(profile, request, new Rows(request.lines() ? Grain.LINE : Grain.FUNCTION));
        List<String> lines = new ArrayList<>();
        lines.add(profile.headline(tally));
        lines.addAll(profile.file().comments());
        lines.addAll(
                switch (request.kind()) {
                    case TABLE -> TopTable.lines(tally, request.sort(), request.limit(), width);
                    case TREE -> tree();
                    case WAKERS ->
                        WakerTable.lines(Conversion.of(profile, request).profile(), request.limit(), width);
                });
        return lines;
    }

    private List<String> tree() throws IOException {
        Conversion.Converted converted = Conversion.of(profile, request);
        int limit = request.limit() == 0 ? Integer.MAX_VALUE : request.limit();
        Profile shown = StateFrames.ofWaiters(converted.profile());
        return CallTree.ofAll(request.foldPython() ? PythonFold.of(shown) : shown, limit);
    }
}
