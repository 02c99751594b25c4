using Npgsql;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Postgres;

/// <summary>
/// Asks the database whether this process may still write. A process that stood still until others took it for dead learns of it here,
/// before it overwrites what they wrote since.
/// </summary>
public interface IWriteFence
{
    /// <summary>
    /// A query of one boolean, asked in every transaction that publishes rows, right behind the lock of their partition: so whoever wrote since has
    /// committed, and their verdict with it. Null while there is nothing to ask.
    /// </summary>
    NpgsqlBatchCommand? Question();

    /// <summary>The error when the answer is false.</summary>
    GridFaultException Refusal();
}
