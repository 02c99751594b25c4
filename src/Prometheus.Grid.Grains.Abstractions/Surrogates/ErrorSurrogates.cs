using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Grains.Surrogates;

[GenerateSerializer, Alias("grid.bad-input")]
internal struct BadInputSurrogate
{
    [Id(0)] public string Field;
    [Id(1)] public string Allowed;
    [Id(2)] public string Message;
}

[RegisterConverter]
internal sealed class BadInputConverter : IConverter<BadInputException, BadInputSurrogate>
{
    public BadInputException ConvertFromSurrogate(in BadInputSurrogate s) => BadInputException.FromMessage(s.Message, s.Field, s.Allowed);

    public BadInputSurrogate ConvertToSurrogate(in BadInputException v) => new() { Field = v.Field, Allowed = v.Allowed, Message = v.Message };
}

[GenerateSerializer, Alias("grid.not-found")]
internal struct NotFoundSurrogate
{
    [Id(0)] public string What;
    [Id(1)] public string Key;
    [Id(2)] public string Message;
}

[RegisterConverter]
internal sealed class NotFoundConverter : IConverter<NotFoundException, NotFoundSurrogate>
{
    public NotFoundException ConvertFromSurrogate(in NotFoundSurrogate s) => NotFoundException.FromMessage(s.Message, s.What, s.Key);

    public NotFoundSurrogate ConvertToSurrogate(in NotFoundException v) => new() { What = v.What, Key = v.Key, Message = v.Message };
}

/// <summary>The cause stays in the log of the silo: it can be of any type, and the caller may not have it.</summary>
[GenerateSerializer, Alias("grid.fault")]
internal struct FaultSurrogate
{
    [Id(0)] public string Message;
    [Id(1)] public bool CanRetry;
}

[RegisterConverter]
internal sealed class FaultConverter : IConverter<GridFaultException, FaultSurrogate>
{
    public GridFaultException ConvertFromSurrogate(in FaultSurrogate s) => new(s.Message, s.CanRetry);

    public FaultSurrogate ConvertToSurrogate(in GridFaultException v) => new() { Message = v.Message, CanRetry = v.CanRetry };
}
