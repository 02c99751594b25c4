using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http;

/// <summary>
/// The one style of the API's JSON: snake_case names, ids and dates as strings, times of RFC 3339, enumerations in words, numbers never in quotes,
/// null left out. Floats are written so that they read back as the same bits. A name that occurs twice is refused, and so is one that a request does not have.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(SnakeCaseEnums)])]
[JsonSerializable(typeof(ProblemMessage))]
[JsonSerializable(typeof(SpacesPage))]
[JsonSerializable(typeof(SpaceMessage))]
[JsonSerializable(typeof(SpaceDates))]
[JsonSerializable(typeof(ModelsPage))]
[JsonSerializable(typeof(ModelMessage))]
[JsonSerializable(typeof(IssuersPage))]
[JsonSerializable(typeof(IssuerMessage))]
[JsonSerializable(typeof(PricesMessage))]
[JsonSerializable(typeof(ProfileMessage))]
[JsonSerializable(typeof(StateMessage))]
[JsonSerializable(typeof(PortfoliosPage))]
[JsonSerializable(typeof(HoldingsMessage))]
[JsonSerializable(typeof(RiskReportMessage))]
[JsonSerializable(typeof(EntitiesPage))]
[JsonSerializable(typeof(VectorsPage))]
[JsonSerializable(typeof(VectorMessage))]
[JsonSerializable(typeof(SearchRequest))]
[JsonSerializable(typeof(SearchResponse))]
[JsonSerializable(typeof(SearchesRequest))]
[JsonSerializable(typeof(SearchesResponse))]
[JsonSerializable(typeof(HistoryMessage))]
[JsonSerializable(typeof(MapMessage))]
[JsonSerializable(typeof(GroupsMessage))]
[JsonSerializable(typeof(ChangesMessage))]
[JsonSerializable(typeof(AnaloguesMessage))]
[JsonSerializable(typeof(EvaluationRequest))]
[JsonSerializable(typeof(EvaluationMessage))]
[JsonSerializable(typeof(PutRequest))]
[JsonSerializable(typeof(PutMessage))]
[JsonSerializable(typeof(BackfillMessage))]
[JsonSerializable(typeof(BackfillJobMessage))]
[JsonSerializable(typeof(BackfillsPage))]
[JsonSerializable(typeof(TableRequest))]
[JsonSerializable(typeof(WhoAmI))]
[JsonSerializable(typeof(DiagnosisMessage))]
public sealed partial class GridJson : JsonSerializerContext
{
    /// <summary>
    /// The same, with quotes and letters of all languages as they are: what is served is never part of a page, and its readers want to read it.
    /// </summary>
    public static GridJson Readable => Later.Readable;

    /// <summary>Gives other options the style of the API.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        var style = Readable.Options;
        options.Encoder = style.Encoder;
        options.PropertyNamingPolicy = style.PropertyNamingPolicy;
        options.DefaultIgnoreCondition = style.DefaultIgnoreCondition;
        options.NumberHandling = style.NumberHandling;
        options.AllowDuplicateProperties = style.AllowDuplicateProperties;
        options.RespectNullableAnnotations = style.RespectNullableAnnotations;
        options.RespectRequiredConstructorParameters = style.RespectRequiredConstructorParameters;
        foreach (var converter in style.Converters)
            options.Converters.Add(converter);
        options.TypeInfoResolverChain.Insert(0, Readable);
    }

    // Made on first use, since the order in which the parts of a class are initialised is not said.
    private static class Later
    {
        public static readonly GridJson Readable = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}

/// <summary>Enumerations as words in snake_case; numbers are refused.</summary>
public sealed class SnakeCaseEnums() : JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
