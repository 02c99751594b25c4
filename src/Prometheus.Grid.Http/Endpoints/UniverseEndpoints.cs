using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Answers about all of a space: groups, changes, and past states that resemble a portfolio.</summary>
internal static class UniverseEndpoints
{
    public static void MapUniverses(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/spaces/{model_id}/dates/{as_of_date}/groups", GroupsAsync)
            .Named("getGroups", "Groups of entities that are each other's nearest", "Studies").Costs(WorkKind.Study).TaggedByDate();
        v1.MapGet("/spaces/{model_id}/changes", ChangesAsync)
            .Named("getChanges", "Who moved, and whose neighbours changed, between two dates", "Studies").Costs(WorkKind.Study);
        v1.MapGet("/spaces/{model_id}/analogues/{portfolio_id}", AnaloguesAsync)
            .Named("getAnalogues", "Past states of portfolios that resemble one on a date, and what followed them", "Studies").Costs(WorkKind.Study);
    }

    private static async Task<GroupsMessage> GroupsAsync(
        string model_id, string as_of_date, string? resolution, string? neighbours, IUniverseAnswers universe, CancellationToken cancellationToken)
    {
        var asOf = Parameters.Day(nameof(as_of_date), as_of_date);
        var query = new GroupsQuery { ModelId = model_id, Dates = DateRange.On(asOf) };
        query = query with { Resolution = Number("resolution", resolution) ?? query.Resolution, Neighbours = Parameters.Whole("neighbours", neighbours, 1) ?? query.Neighbours };
        var day = await universe.GroupsAsync(query, cancellationToken).FirstAsync(cancellationToken);
        return new GroupsMessage(
            model_id, asOf, day.Modularity, day.Edges,
            [.. day.Groups.Select(group => new GroupMessage(group.GroupId, group.Size, group.Words))],
            [.. day.Members.Select(member => new GroupMemberMessage(member.EntityId, member.GroupId, member.Centrality))]);
    }

    private static async Task<ChangesMessage> ChangesAsync(
        string model_id, string from, string to, string? top_k, IUniverseAnswers universe, CancellationToken cancellationToken)
    {
        var query = new ChangesQuery(model_id, Parameters.Day("from", from), Parameters.Day("to", to), Parameters.Whole("top_k", top_k, 1) ?? 10);
        var answer = await universe.ChangesAsync(query, cancellationToken);
        return new ChangesMessage(
            model_id, query.From, query.To, answer.UniverseMove, answer.TypicalMove,
            [.. answer.Changes.Select(change => new ChangeMessage(change.EntityId, change.Cosine, change.Move, change.Entered, change.Left, change.Kept, change.TimesTypical))],
            answer.Appeared,
            answer.Gone);
    }

    private static async Task<AnaloguesMessage> AnaloguesAsync(
        HttpContext context, string model_id, string portfolio_id, string as_of, string? horizon, string? top_k, IUniverseAnswers universe, CancellationToken cancellationToken)
    {
        var query = new AnaloguesQuery { ModelId = model_id, PortfolioId = Parameters.Id(context, nameof(portfolio_id)), AsOf = Parameters.Day("as_of", as_of) };
        query = query with { Horizon = Parameters.Whole("horizon", horizon, 1) ?? query.Horizon, TopK = Parameters.Whole("top_k", top_k, 1) ?? query.TopK };
        var answer = await universe.AnaloguesAsync(query, cancellationToken);
        return new AnaloguesMessage(
            model_id, query.PortfolioId, query.AsOf, query.Horizon,
            [.. answer.Analogues.Select(analogue => new AnalogueMessage(analogue.PortfolioId, analogue.AsOf, analogue.Cosine, ToMessage(analogue.Followed)))],
            ToMessage(answer.OfAnalogues),
            ToMessage(answer.OfRandom),
            answer.Eligible,
            answer.Periods);
    }

    private static OutcomesMessage ToMessage(OutcomeSummary summary) => new(summary.States, summary.Dates, ToMessage(summary.Mean), ToMessage(summary.Spread));

    private static OutcomeMessage ToMessage(Outcome outcome) => new(outcome.Return, outcome.Volatility, outcome.WorstDrawdown);

    private static double? Number(string name, string? text) => text is null ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number
        : throw new BadInputException(name, text, "a number");
}
