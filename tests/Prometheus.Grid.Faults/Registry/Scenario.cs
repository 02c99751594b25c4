namespace Prometheus.Grid.Faults.Registry;

/// <summary>A fault to survive.</summary>
/// <param name="Number">Its number, which <c>./test --faults --only N</c> takes; its tests bear it as a trait.</param>
/// <param name="Fault">What goes wrong.</param>
/// <param name="How">What is done at full length.</param>
/// <param name="PassesWhen">What must hold.</param>
public sealed record Scenario(int Number, string Fault, string How, string PassesWhen)
{
    /// <summary>The name of the trait of tests that belong to a scenario.</summary>
    public const string Trait = "Scenario";

    /// <summary>Every fault that is tried here, by its number in the guide, and those beside them. Full disks (4) and hostile input (9) are in the tests of stores and of HTTP.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(1, "kill -9 in a backfill on a folder", "300 trials at random moments and at each named crash point; run again in a fresh process",
            "never a partition that is not whole; the bytes of an uninterrupted run; committed chunks are not computed again"),
        new(2, "kill -9 of a silo in a cluster backfill", "three silos, one killed every 20 s for 3 minutes, under writers, searchers and backfills",
            "jobs end with the rows of one process, byte for byte; recovery within 45 s"),
        new(3, "Postgres crashes in a commit", "20 immediate stops under writes, started again after 5 s",
            "no acknowledged row lost, none twice; readiness goes false and true again without a restart"),
        new(5, "partition between silos", "60 s through TCP proxies, two-way and one-way",
            "full, flagged partial, or a fault that says retry; heals within 60 s"),
        new(6, "half-open link to Postgres", "a proxy that forwards nothing and resets nothing",
            "calls end within their deadline; liveness 200, readiness 503; healed without a restart"),
        new(7, "a silo frozen and thawed", "SIGSTOP for 40 s, SIGCONT, under writers and searchers",
            "the returned silo overwrites nothing newer; searches are exact once it is back"),
        new(8, "shards move during queries", "silos started and stopped under 50 queries a second compared with an oracle",
            "no wrong answer; every error says retry"),
        new(10, "damaged data", "flipped bits, files cut short, foreign files and wrong checksums in a store",
            "refused with the key named; the rest is served; verify lists all"),
        new(11, "upgrade and model switch", "an older schema; one of two models computed again and killed in between",
            "opened or refused with a clear message; no answer mixes models"),
        new(12, "soak", "an hour of 200 requests a second through HTTP on three silos, writes among them, with silos restarted",
            "no mismatch with the oracle; memory and handles flat after warm-up; p99 drift below 20%"),
        new(13, "the whole cluster is killed", "three silos killed at once, started at the same addresses, and at others",
            "nothing acknowledged is lost; answers again within 10 s"),
        new(14, "Postgres fails over to a standby", "the primary is killed under writes and a synchronous standby promoted",
            "no acknowledged row lost; silos go on without a restart"),
        new(15, "clocks an hour apart", "writes by machines whose clocks run an hour ahead and behind",
            "what was known at a time never changes afterwards; the order of writes stays"),
        new(16, "overload", "five times the sustainable rate of searches",
            "503 with Retry-After; p99 of what is accepted below five times the normal; normal again within 10 s"),
    ];

    /// <summary>The scenario of a number.</summary>
    public static Scenario Of(int number) => All.Single(scenario => scenario.Number == number);
}
