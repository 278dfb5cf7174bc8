// Written by scripts/compile-contracts.ts from contracts/TestUSDC.sol. Do not edit.

/** Is the ABI of `TestUSDC`. */
export const testUsdcAbi = [
  {
    "inputs": [],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "spender",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "allowance",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "needed",
        "type": "uint256"
      }
    ],
    "name": "ERC20InsufficientAllowance",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "sender",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "balance",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "needed",
        "type": "uint256"
      }
    ],
    "name": "ERC20InsufficientBalance",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "approver",
        "type": "address"
      }
    ],
    "name": "ERC20InvalidApprover",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "receiver",
        "type": "address"
      }
    ],
    "name": "ERC20InvalidReceiver",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "sender",
        "type": "address"
      }
    ],
    "name": "ERC20InvalidSender",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "spender",
        "type": "address"
      }
    ],
    "name": "ERC20InvalidSpender",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "validAfter",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "validBefore",
        "type": "uint256"
      }
    ],
    "name": "ERC3009InvalidAuthorizationTime",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ERC3009InvalidSignature",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "authorizer",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      }
    ],
    "name": "ERC3009UsedAuthorization",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidShortString",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint8",
        "name": "bits",
        "type": "uint8"
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      }
    ],
    "name": "SafeCastOverflowedUintDowncast",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "str",
        "type": "string"
      }
    ],
    "name": "StringTooLong",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "spender",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      }
    ],
    "name": "Approval",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "authorizer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      }
    ],
    "name": "AuthorizationCanceled",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "authorizer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      }
    ],
    "name": "AuthorizationUsed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [],
    "name": "EIP712DomainChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      }
    ],
    "name": "Transfer",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "DOMAIN_SEPARATOR",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "spender",
        "type": "address"
      }
    ],
    "name": "allowance",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "spender",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      }
    ],
    "name": "approve",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "authorizer",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      }
    ],
    "name": "authorizationState",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "balanceOf",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "authorizer",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "internalType": "uint8",
        "name": "v",
        "type": "uint8"
      },
      {
        "internalType": "bytes32",
        "name": "r",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "s",
        "type": "bytes32"
      }
    ],
    "name": "cancelAuthorization",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "authorizer",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "internalType": "bytes",
        "name": "signature",
        "type": "bytes"
      }
    ],
    "name": "cancelAuthorization",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "decimals",
    "outputs": [
      {
        "internalType": "uint8",
        "name": "",
        "type": "uint8"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "eip712Domain",
    "outputs": [
      {
        "internalType": "bytes1",
        "name": "fields",
        "type": "bytes1"
      },
      {
        "internalType": "string",
        "name": "name",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "version",
        "type": "string"
      },
      {
        "internalType": "uint256",
        "name": "chainId",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "verifyingContract",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "salt",
        "type": "bytes32"
      },
      {
        "internalType": "uint256[]",
        "name": "extensions",
        "type": "uint256[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "mint",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "name",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "validAfter",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "validBefore",
        "type": "uint256"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "internalType": "bytes",
        "name": "signature",
        "type": "bytes"
      }
    ],
    "name": "receiveWithAuthorization",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "validAfter",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "validBefore",
        "type": "uint256"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "internalType": "uint8",
        "name": "v",
        "type": "uint8"
      },
      {
        "internalType": "bytes32",
        "name": "r",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "s",
        "type": "bytes32"
      }
    ],
    "name": "receiveWithAuthorization",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "symbol",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "totalSupply",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      }
    ],
    "name": "transfer",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      }
    ],
    "name": "transferFrom",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "validAfter",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "validBefore",
        "type": "uint256"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "internalType": "bytes",
        "name": "signature",
        "type": "bytes"
      }
    ],
    "name": "transferWithAuthorization",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "validAfter",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "validBefore",
        "type": "uint256"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "internalType": "uint8",
        "name": "v",
        "type": "uint8"
      },
      {
        "internalType": "bytes32",
        "name": "r",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "s",
        "type": "bytes32"
      }
    ],
    "name": "transferWithAuthorization",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "version",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  }
] as const;

/** Is the creation code of `TestUSDC`, without constructor arguments. */
export const testUsdcBytecode =
  "0x610160604052346104395760405161001860408261043d565b600881526020810190672aa9a21021b7b4b760c11b82526040519161003e60408461043d565b600183526020830191601960f91b835260405161005c60408261043d565b60088152672aa9a21021b7b4b760c11b60208201526040519061008060408361043d565b60048252635553444360e01b60208301528051906001600160401b0382116103345760035490600182811c9216801561042f575b60208310146103165781601f8493116103b9575b50602090601f8311600114610353575f92610348575b50508160011b915f199060031b1c1916176003555b8051906001600160401b0382116103345760045490600182811c9216801561032a575b60208310146103165781601f8493116102a0575b50602090601f831160011461023a575f9261022f575b50508160011b915f199060031b1c1916176004555b61015e81610460565b6101205261016b84610460565b61014052519020918260e05251902080610100524660a0526040519060208201927f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8452604083015260608201524660808201523060a082015260a081526101d460c08261043d565b5190206080523060c0526040516117c190816104cc823960805181611257015260a05181611314015260c05181611228015260e051816112a6015261010051816112cc015261012051816105350152610140518161055e0152f35b015190505f80610140565b60045f9081528281209350601f198516905b8181106102885750908460019594939210610270575b505050811b01600455610155565b01515f1960f88460031b161c191690555f8080610262565b9293602060018192878601518155019501930161024c565b8281111561012a5760045f52909150601f830160051c7f8a35acfbc15ff81a39ae7d344fd709f28e8600b4aa8c65c6b64bfe7fe36bd19b6020851061030e575b849392601f0160051c82900391015f5b8281106102fe57505061012a565b5f818301558594506001016102f0565b5f91506102e0565b634e487b7160e01b5f52602260045260245ffd5b91607f1691610116565b634e487b7160e01b5f52604160045260245ffd5b015190505f806100de565b60035f9081528281209350601f198516905b8181106103a15750908460019594939210610389575b505050811b016003556100f3565b01515f1960f88460031b161c191690555f808061037b565b92936020600181928786015181550195019301610365565b828111156100c85760035f52909150601f830160051c7fc2575a0e9e593c00f959f8c92f12db2869c3395a3b0502d05e2516446f71f85b60208510610427575b849392601f0160051c82900391015f5b8281106104175750506100c8565b5f81830155859450600101610409565b5f91506103f9565b91607f16916100b4565b5f80fd5b601f909101601f19168101906001600160401b0382119082101761033457604052565b601f81511161048b57602081519101516020821061047c571790565b5f198260200360031b1b161790565b604460209160405192839163305a27a960e01b83528160048401528051918291826024860152018484015e5f828201840152601f01601f19168101030190fdfe6080806040526004361015610012575f80fd5b5f3560e01c90816306fdde0314610ba757508063095ea7b314610afa57806318160ddd14610abf57806323b872dd1461092b578063313ce567146108f25780633644e515146108b257806340c10f19146107b357806354fd4d50146107365780635a049a701461069357806370a082311461063157806384b0196e146104ff57806388b7ab63146104e257806395d89b4114610381578063a9059cbb14610332578063b7b72899146102cd578063cf092995146102b0578063dd62ed3e14610224578063e3ee160e14610208578063e94a0102146101945763ef55bec6146100f8575f80fd5b346101905761018e61018961015d61010f36610e86565b60408051602081019390935282015260f89190911b7fff0000000000000000000000000000000000000000000000000000000000000016606082015297909691959294929188906061820190565b037fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101895288610d06565b610f1c565b005b5f80fd5b346101905760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101905773ffffffffffffffffffffffffffffffffffffffff6101e0610cc0565b165f52600760205260405f206024355f52602052602060ff60405f2054166040519015158152f35b346101905761018e61021f61015d61010f36610e86565b611089565b346101905760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101905761025b610cc0565b73ffffffffffffffffffffffffffffffffffffffff610278610ce3565b91165f52600160205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f52602052602060405f2054604051908152f35b346101905761018e6102c136610de8565b95949094939193611089565b346101905760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261019057610304610cc0565b6044359067ffffffffffffffff82116101905761032861018e923690600401610d74565b9060243590610ff5565b346101905760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101905761037661036c610cc0565b602435903361111b565b602060405160018152f35b34610190575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610190576040515f6004548060011c906001811680156104d8575b6020831081146104ab57828552908115610469575060011461040b575b610407836103f381850382610d06565b604051918291602083526020830190610c7d565b0390f35b91905060045f527f8a35acfbc15ff81a39ae7d344fd709f28e8600b4aa8c65c6b64bfe7fe36bd19b915f905b80821061044f575090915081016020016103f36103e3565b919260018160209254838588010152019101909291610437565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001660208086019190915291151560051b840190910191506103f390506103e3565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602260045260245ffd5b91607f16916103c6565b346101905761018e6104f336610de8565b95949094939193610f1c565b34610190575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610190576105d56105597f0000000000000000000000000000000000000000000000000000000000000000611493565b6105827f0000000000000000000000000000000000000000000000000000000000000000611493565b60206105e3604051926105958385610d06565b5f84525f3681376040519586957f0f00000000000000000000000000000000000000000000000000000000000000875260e08588015260e0870190610c7d565b908582036040870152610c7d565b4660608501523060808501525f60a085015283810360c08501528180845192838152019301915f5b82811061061a57505050500390f35b83518552869550938101939281019260010161060b565b346101905760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101905773ffffffffffffffffffffffffffffffffffffffff61067d610cc0565b165f525f602052602060405f2054604051908152f35b346101905760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610190576106ca610cc0565b60443560ff81168103610190576040805160643560208201526084359181019190915260f89190911b7fff000000000000000000000000000000000000000000000000000000000000001660608201526041815261018e9161072d606183610d06565b60243590610ff5565b34610190575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261019057610407604051610775604082610d06565b600181527f32000000000000000000000000000000000000000000000000000000000000006020820152604051918291602083526020830190610c7d565b346101905760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610190576107ea610cc0565b73ffffffffffffffffffffffffffffffffffffffff16602435811561088657600254908082018092116108595760207fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef915f9360025584845283825260408420818154019055604051908152a3005b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b7fec442f05000000000000000000000000000000000000000000000000000000005f525f60045260245ffd5b34610190575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101905760206108ea611211565b604051908152f35b34610190575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261019057602060405160068152f35b346101905760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261019057610962610cc0565b61096a610ce3565b6044359073ffffffffffffffffffffffffffffffffffffffff831692835f52600160205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f20547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81106109e6575b50610376935061111b565b838110610a8b578415610a5f573315610a3357610376945f52600160205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f526020528360405f2091039055846109db565b7f94280d62000000000000000000000000000000000000000000000000000000005f525f60045260245ffd5b7fe602df05000000000000000000000000000000000000000000000000000000005f525f60045260245ffd5b83907ffb8f41b2000000000000000000000000000000000000000000000000000000005f523360045260245260445260645ffd5b34610190575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610190576020600254604051908152f35b346101905760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261019057610b31610cc0565b602435903315610a5f5773ffffffffffffffffffffffffffffffffffffffff16908115610a3357335f52600160205260405f20825f526020528060405f20556040519081527f8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b92560203392a3602060405160018152f35b34610190575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610190575f6003548060011c90600181168015610c73575b6020831081146104ab578285529081156104695750600114610c1557610407836103f381850382610d06565b91905060035f527fc2575a0e9e593c00f959f8c92f12db2869c3395a3b0502d05e2516446f71f85b915f905b808210610c59575090915081016020016103f36103e3565b919260018160209254838588010152019101909291610c41565b91607f1691610be9565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b6004359073ffffffffffffffffffffffffffffffffffffffff8216820361019057565b6024359073ffffffffffffffffffffffffffffffffffffffff8216820361019057565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117610d4757604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b81601f820112156101905780359067ffffffffffffffff8211610d475760405192610dc7601f84017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01660200185610d06565b8284526020838301011161019057815f926020809301838601378301015290565b60e07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8201126101905760043573ffffffffffffffffffffffffffffffffffffffff81168103610190579160243573ffffffffffffffffffffffffffffffffffffffff81168103610190579160443591606435916084359160a4359160c4359067ffffffffffffffff821161019057610e8391600401610d74565b90565b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc6101209101126101905760043573ffffffffffffffffffffffffffffffffffffffff81168103610190579060243573ffffffffffffffffffffffffffffffffffffffff81168103610190579060443590606435906084359060a4359060c43560ff81168103610190579060e435906101043590565b73ffffffffffffffffffffffffffffffffffffffff82169796338903610fc957610fc290610fc7989960405160208101917fd099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de8835273ffffffffffffffffffffffffffffffffffffffff8616604083015260608201528660808201528760a08201528860c08201528960e082015260e08152610fb961010082610d06565b5190208361133a565b6113b1565b565b887fec442f05000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b816110639193929361105e60405194602086017f158b0a9edf7a828aad02f63cd515c68ef2f50ba807396f6d12842833a1597429815273ffffffffffffffffffffffffffffffffffffffff84169687604082015285606082015260608152610fb9608082610d06565b611603565b7f1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d815f80a3565b610fc2610fc79760405160208101907f7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267825273ffffffffffffffffffffffffffffffffffffffff8516604082015273ffffffffffffffffffffffffffffffffffffffff861660608201528660808201528760a08201528860c08201528960e082015260e08152610fb961010082610d06565b73ffffffffffffffffffffffffffffffffffffffff169081156111e55773ffffffffffffffffffffffffffffffffffffffff1691821561088657815f525f60205260405f20548181106111b357817fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef92602092855f525f84520360405f2055845f525f825260405f20818154019055604051908152a3565b827fe450d38c000000000000000000000000000000000000000000000000000000005f5260045260245260445260645ffd5b7f96c6fd1e000000000000000000000000000000000000000000000000000000005f525f60045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016301480611311575b15611279577f000000000000000000000000000000000000000000000000000000000000000090565b60405160208101907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f82527f000000000000000000000000000000000000000000000000000000000000000060408201527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a082015260a0815261130b60c082610d06565b51902090565b507f00000000000000000000000000000000000000000000000000000000000000004614611250565b60426113829392611349611211565b90604051917f190100000000000000000000000000000000000000000000000000000000000083526002830152602282015220906114ea565b1561138957565b7f77c207f4000000000000000000000000000000000000000000000000000000005f5260045ffd5b919395949092658000000000008782161680155f1461147e5765ffffffffffff6113da42611779565b1690199081831681119182611472575b5050156114425750610fc79495506114028183611603565b73ffffffffffffffffffffffffffffffffffffffff82167f98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a55f80a361111b565b86907f4a931c17000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b89161190505f806113ea565b65ffffffffffff61148e43611779565b6113da565b60ff811690601f82116114c257604051916114af604084610d06565b6020808452838101919036833783525290565b7fb3512b0c000000000000000000000000000000000000000000000000000000005f5260045ffd5b9190823b61155f57906114fc916116a5565b5060048110156115325715918261151257505090565b73ffffffffffffffffffffffffffffffffffffffff919250811691161490565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b9160209260647fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f855f965190604051957f1626ba7e00000000000000000000000000000000000000000000000000000000875260048701526040602487015288820190604487015e86848287010152011601915afa7f1626ba7e000000000000000000000000000000000000000000000000000000005f5114601f3d11161690565b73ffffffffffffffffffffffffffffffffffffffff16805f52600760205260405f20825f5260205260ff60405f205416611677575f52600760205260405f20905f5260205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055565b7f8f7808c1000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b81519190604183036116d5576116ce9250602082015190606060408401519301515f1a906116df565b9192909190565b50505f9160029190565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0841161176e579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa15611763575f5173ffffffffffffffffffffffffffffffffffffffff81161561175957905f905f90565b505f906001905f90565b6040513d5f823e3d90fd5b5050505f9160039190565b65ffffffffffff81116117915765ffffffffffff1690565b7f6dfcc650000000000000000000000000000000000000000000000000000000005f52603060045260245260445ffd" as const;

/** Is keccak256 of the runtime code of `TestUSDC` before its immutables are filled in. */
export const testUsdcRuntimeHash =
  "0x7b85e1a0db832be48ed3456ce535a7564c29a2fb12e5fd4cec038e70bc2c8b27" as const;
