namespace Prometheus.Grid.Bench.Cluster;

/// <summary>
/// Predicts the rate of one backfill from what a vector costs. Silos encode, one of them also commits, Postgres serves the prices: whichever
/// of these takes longest a vector sets the pace, and completing a date comes on top. Costs in seconds a vector.
/// </summary>
/// <param name="Idle">Cores that a silo takes when it has nothing to do: probes, timers, statistics.</param>
/// <param name="Silo">CPU in the silo where one does everything.</param>
/// <param name="Travel">CPU that is added when another silo encodes than commits, half of it in each.</param>
/// <param name="Postgres">CPU of the server.</param>
/// <param name="Commit">Of the silo that commits.</param>
internal sealed record BackfillModel(double Idle, double Silo, double Travel, double Postgres, CommitCost Commit)
{
    /// <summary>The parts from measured backfills: of one silo, and of two for what travel adds.</summary>
    public static BackfillModel From(double idle, BackfillSample one, BackfillSample two, CommitCost commit)
    {
        double alone = Busy(one, 1);
        return new BackfillModel(idle, alone, Math.Max(0, 2 * (Busy(two, 2) - alone)), (one.PostgresCost + two.PostgresCost) / 2, commit);

        double Busy(BackfillSample sample, int silos) => (sample.Silos - silos * idle * sample.Seconds) / sample.Vectors;
    }

    /// <summary>Vectors a second, and what sets the pace.</summary>
    /// <param name="silos">How many silos.</param>
    /// <param name="coresOfSilo">Cores of each.</param>
    /// <param name="coresOfPostgres">Cores of the server.</param>
    public (double Rate, string Bound) Predict(int silos, double coresOfSilo, double coresOfPostgres)
    {
        double cores = coresOfSilo - Idle;
        double travels = Travel * (silos - 1) / silos;
        (double Time, string Bound)[] paces =
        [
            ((Silo + travels) / (silos * cores), "silos"),
            ((Commit.Driver + travels / 2) / cores, "driver"),
            (Commit.Commit, "commits"),
            // Completing is one session's work; its cost is counted there.
            ((Postgres - Commit.Complete) / coresOfPostgres, "Postgres"),
        ];
        (double time, string bound) = paces.MaxBy(pace => pace.Time);
        return (1 / (time + Commit.Complete), bound);
    }
}
