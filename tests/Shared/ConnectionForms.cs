namespace Prometheus.Grid.Tests;

/// <summary>Connection strings as people write them, right and wrong, each with the same password in it. None reaches a server.</summary>
public static class ConnectionForms
{
    /// <summary>What must never be read anywhere.</summary>
    public const string Password = "hunter2";

    /// <summary>The forms.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "host=db.invalid port=5432 user=quant password=hunter2 dbname=grid",
        "postgresql://quant:hunter2@db.invalid:5432/grid",
        "postgres://quant:hunter2@db.invalid:5432/grid?sslmode=require",
        "jdbc:postgresql://db.invalid:5432/grid?user=quant&password=hunter2",
        "Host=db.invalid;Username=quant;Pasword=hunter2;Database=grid",
        "Host=db.invalid;Port=many;Username=quant;Password=hunter2",
        "Host=db.invalid;SSL Mode=sometimes;Username=quant;Password=hunter2",
        "Host=db.invalid;Username=quant;Password='hunter2;Database=grid",
        "Host=quant:hunter2@db.invalid;Database=grid",
        "Host=db.invalid;Username=quant;Database=grid password=hunter2",
        "Host=db.invalid;Username=quant password=hunter2;Database=grid",
        "Username=quant;Password=hunter2;Database=grid",
        "Host=127.0.0.1;Port=1;Username=quant;Password=hunter2;Database=grid",
    ];
}
