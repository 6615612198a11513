package io.perfagent.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the corpora for {@code scripts/fuzz}, one directory each, and prints a line for each: name and class. */
public final class FuzzCorpus {
    private FuzzCorpus() {}

    public static void main(String[] args) throws IOException {
        for (Fuzzer fuzzer : Fuzzer.all()) {
            Path directory = Files.createDirectories(Path.of(args[0], fuzzer.label(), "seeds"));
            List<byte[]> corpus = fuzzer.corpus();
            for (int seed = 0; seed < corpus.size(); seed++) {
                Files.write(directory.resolve(Integer.toString(seed)), corpus.get(seed));
            }
            System.out.println(fuzzer.label() + " " + fuzzer.type().getName());
        }
    }
}
