// Leaf <- Middle x 21 <- Handler <- Main: nearly all the time in Leaf.
class Chain
{
    static int Leaf(int n)
    {
        int sum = 0;
        for (int i = 0; i < 2000; i++)
            sum = (sum * 7 + i) % 1000003;
        return sum + n;
    }

    static int Middle(int n)
    {
        return n == 0 ? Leaf(1) + 1 : Middle(n - 1) + 1;
    }

    static int Handler()
    {
        return Middle(20) + 1;
    }

    static void Main()
    {
        System.Console.WriteLine("ready");
        for (int total = 0; ; )
            total += Handler();
    }
}
