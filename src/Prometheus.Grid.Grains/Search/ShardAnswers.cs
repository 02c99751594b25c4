using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains.Search;

/// <summary>Puts together what shards answered.</summary>
internal static class ShardAnswers
{
    /// <summary>The best of all candidates, over all rows that were compared; whoever is missing from a part is missing from the whole.</summary>
    public static ShardAnswer Merge(IReadOnlyList<ShardAnswer> answers, int topK) => answers is [var only] ? only : new ShardAnswer(
        CandidateOrder.Merge(answers.Select(answer => answer.Best), topK),
        answers.Sum(answer => answer.Candidates),
        [.. answers.SelectMany(answer => answer.Missing)],
        answers.FirstOrDefault(answer => answer.Reason is not null)?.Reason);

    /// <summary>A silo of an older version passes over what it does not know of a filter. Where all of the best are candidates, they are the best anyway.</summary>
    /// <exception cref="GridFaultException">One of them is no candidate.</exception>
    public static void CheckNarrowed(ShardAnswer found, CandidateFilter? filter)
    {
        if (filter is not null && found.Best.FirstOrDefault(candidate => !filter.Accepts(candidate.Header)) is { } stranger)
            throw new GridFaultException($"a silo answered with {stranger.Header.EntityId}, which the filter leaves out; it may be of an older version: update all silos");
    }
}
