/** A program that profiles another one. */
module com.example.watch {
    requires io.perfagent;
}
