using System.Globalization;
using System.Text.Json;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Jobs;

/// <summary>Keeps jobs in the store of the grid, durably, so that they survive their server and every member of a cluster sees them.</summary>
internal sealed class JobFile(IArtifactStore artifacts)
{
    // A name that no model can have taken: the store keeps artifacts by model.
    private const string Owner = "backfill-jobs";
    private const string Ending = ".json";

    /// <summary>All jobs, newest first.</summary>
    public async Task<IReadOnlyList<BackfillJobMessage>> ListAsync(CancellationToken cancellationToken)
    {
        var jobs = new List<BackfillJobMessage>();
        foreach (var name in await artifacts.ListAsync(Owner, cancellationToken))
        {
            if (await ReadAsync(name, cancellationToken) is { } job)
                jobs.Add(job);
        }
        return [.. jobs.OrderByDescending(job => job.CreatedAt).ThenBy(job => job.BackfillId, StringComparer.Ordinal)];
    }

    public async Task<BackfillJobMessage?> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        string file = id.ToString() + Ending;
        var name = (await artifacts.ListAsync(Owner, cancellationToken)).Where(name => name.Name == file).Cast<ArtifactName?>().FirstOrDefault();
        return name is { } found ? await ReadAsync(found, cancellationToken) : null;
    }

    public Task WriteAsync(BackfillJobMessage job, CancellationToken cancellationToken) => artifacts.WriteAsync(
        Owner, DateOf(job), job.BackfillId + Ending, JsonSerializer.SerializeToUtf8Bytes(job, GridJson.Readable.BackfillJobMessage), cancellationToken);

    public Task DeleteAsync(BackfillJobMessage job, CancellationToken cancellationToken) =>
        artifacts.DeleteAsync(Owner, DateOf(job), job.BackfillId + Ending, cancellationToken);

    private async Task<BackfillJobMessage?> ReadAsync(ArtifactName name, CancellationToken cancellationToken)
    {
        if (await artifacts.ReadAsync(Owner, name.AsOf, name.Name, cancellationToken) is not { } content)
            return null;
        try
        {
            return JsonSerializer.Deserialize(content.Span, GridJson.Default.BackfillJobMessage);
        }
        catch (JsonException error)
        {
            throw new GridFaultException(
                string.Create(CultureInfo.InvariantCulture, $"the job {name.Name} is no job: {error.Message}; remove it from the artifacts of {Owner}"), innerException: error);
        }
    }

    private static DateOnly DateOf(BackfillJobMessage job) => DateOnly.FromDateTime(job.CreatedAt.UtcDateTime);
}
